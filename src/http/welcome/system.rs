//! The system that a browser runs on, as far as it changes the steps to install a CA.

/// A system, or a browser with a store of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Android: Chrome and the system.
    Android,
    /// Firefox on a computer.
    Firefox,
    /// Firefox on Android: it takes the system's CAs only after a switch of its own.
    FirefoxAndroid,
    /// iPhone, and iPads that say so.
    Ios,
    /// Linux on a computer.
    Linux,
    /// macOS; iPads say so too (the page's script tells them apart).
    Macos,
    /// None that there are steps for, or that says what it is: ChromeOS, programs.
    Unknown,
    /// Windows.
    Windows,
}

impl System {
    /// By the `User-Agent` of a request. Every browser on iOS takes the system's CAs, Firefox too.
    pub fn of(user_agent: &str) -> Self {
        let has = |word: &str| user_agent.contains(word);
        if has("iPhone") || has("iPad") || has("iPod") {
            Self::Ios
        } else if has("Android") && has("Firefox") {
            Self::FirefoxAndroid
        } else if has("Android") {
            Self::Android
        } else if has("Firefox") {
            Self::Firefox
        } else if has("Windows") {
            Self::Windows
        } else if has("Macintosh") {
            Self::Macos
        } else if has("Linux") {
            Self::Linux
        } else {
            Self::Unknown
        }
    }

    /// The section of the page that is for it, if there is one.
    pub fn id(self) -> Option<&'static str> {
        Some(match self {
            Self::Android => "for-android",
            Self::Firefox => "for-firefox",
            Self::FirefoxAndroid => "for-firefox-android",
            Self::Ios => "for-ios",
            Self::Linux => "for-linux",
            Self::Macos => "for-macos",
            Self::Unknown => return None,
            Self::Windows => "for-windows",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_browser_gets_the_steps_of_its_own_store() {
        for (agent, system) in [
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 \
                    Mobile/15E148 Safari/604.1",
                System::Ios,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 FxiOS/140.0 Mobile/15E148 \
                    Safari/605.1.15",
                System::Ios,
            ),
            (
                "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
                System::FirefoxAndroid,
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36",
                System::Android,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                System::Firefox,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
                System::Firefox,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 \
                    Edg/140.0.0.0",
                System::Windows,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
                System::Macos,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
                System::Linux,
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
                System::Unknown,
            ),
            ("curl/8.14.1", System::Unknown),
            ("", System::Unknown),
        ] {
            assert_eq!(System::of(agent), system, "{agent}");
        }
    }
}
