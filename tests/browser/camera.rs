//! The label of a phone before a camera: Chromium's own video device plays a picture that the test draws.

use serde_json::json;

use super::appliance::{Appliance, fresh_folder};
use super::driver::Browser;
use super::look::picture;
use super::out_of_box::read_in;

/// Stands in where Chromium has no reader of its own, as on Linux: what the camera shows is drawn, and read outside.
const READER: &str = "
if (!globalThis.BarcodeDetector) globalThis.BarcodeDetector = class {
  static async getSupportedFormats() { return ['code_128', 'qr_code']; }
  async detect(video) {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    canvas.getContext('2d').drawImage(video, 0, 0);
    globalThis.frame = canvas.toDataURL('image/png');
    return globalThis.codes ?? [];
  }
};";

/// Two frames of video (YUV4MPEG2, 4:2:0) of a label: a QR code, dark on white.
fn video(text: &str) -> std::path::PathBuf {
    let (width, height, module) = (640, 480, 12);
    let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Medium).unwrap();
    let (left, top) = ((width - code.size() * module) / 2, (height - code.size() * module) / 2);
    let mut frame = b"FRAME\n".to_vec();
    for y in 0..height {
        frame.extend((0..width).map(|x| {
            let number = |at: i32, from: i32| (at - from).div_euclid(module);
            if code.get_module(number(x, left), number(y, top)) {
                16
            } else {
                235
            }
        }));
    }
    frame.extend(std::iter::repeat_n(128, 640 * 480 / 2));
    let file = fresh_folder("camera").join("label.y4m");
    let head = format!("YUV4MPEG2 W{width} H{height} F5:1 Ip A1:1 C420jpeg\n");
    std::fs::write(&file, [head.as_bytes(), &frame, &frame].concat()).unwrap();
    file
}

#[test]
fn the_camera_really_shows_the_label_whose_mac_address_fills_in_and_is_switched_off_again() {
    let label = "S/N 12345678 MAC: 24-9A-D8-00-00-02";
    let capture = format!("--use-file-for-fake-video-capture={}", video(label).display());
    let arguments = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        &capture,
    ];
    let appliance = Appliance::start();
    let browser = Browser::open_with(&arguments);
    browser.on_every_page(READER);
    appliance.first_run(&browser);
    browser.go(&appliance.page("/phones"));
    browser.text("#no-devices");
    browser.click("#add-device summary");
    browser.click("#scan");
    let frame = browser.until("a picture of the camera", || {
        let frame = browser.run("return globalThis.frame ?? ''");
        Some(frame.as_str()?.strip_prefix("data:image/png;base64,")?.to_owned())
    });
    picture(&browser, "phones-scanner");
    let picture = data_encoding::BASE64.decode(frame.as_bytes()).unwrap();
    if let Some(read) = read_in(&picture) {
        assert_eq!(read, label, "the camera's picture");
    }
    browser.run(&format!("globalThis.codes = [{{ rawValue: {} }}]", json!(label)));
    browser.until("the label's MAC address", || {
        let found = browser.run("return document.querySelector('[name=mac]').value");
        (found == "249ad8000002").then_some(())
    });
    assert_eq!(browser.run("return document.getElementById('scanner').open"), false);
    let ended = "const camera = document.getElementById('scanner-view').srcObject; \
                 return camera.getTracks().every((track) => track.readyState === 'ended')";
    assert_eq!(browser.run(ended), true, "the camera is off");
}
