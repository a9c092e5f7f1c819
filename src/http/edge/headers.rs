//! What every answer tells the browser about its own safety, unless the application said otherwise for that answer.

/// Nothing but our own files and calls; no inline script or style, no frames, no plug-ins.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'; manifest-src 'self'";

/// Passkeys for ourselves alone; of the rest, nothing that a page of ours could be tricked into.
pub const PERMISSIONS_POLICY: &str = "publickey-credentials-get=(self), publickey-credentials-create=(self), \
    accelerometer=(), autoplay=(), browsing-topics=(), camera=(self), display-capture=(), encrypted-media=(), \
    fullscreen=(), geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), screen-wake-lock=(), serial=(), \
    usb=(), xr-spatial-tracking=()";

/// Name and value, names in lower case. Assets replace `cache-control`; nothing else should need to be replaced.
pub const ALWAYS: &[(&str, &str)] = &[
    ("cache-control", "no-store"),
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", PERMISSIONS_POLICY),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

/// Over TLS also this, where the owner chose it: see [`Edge::dated`](super::server::Edge::dated). A browser ignores
/// it over plain HTTP (RFC 6797 §8.1), and we do not send it there.
pub const STRICT_TRANSPORT_SECURITY: &str = "strict-transport-security";
