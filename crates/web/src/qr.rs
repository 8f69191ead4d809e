//! QR codes as SVG (ISO/IEC 18004).

use qrcodegen::{QrCode, QrCodeEcc};

/// Light modules around the code, as the standard asks for.
const BORDER: i32 = 4;

/// A text as an SVG element without styles of its own; none if it is too long for a code.
pub fn qr_svg(text: &str, label: &str) -> Option<String> {
    use std::fmt::Write as _;
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * BORDER;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + BORDER, y + BORDER);
        }
    }
    let label = label
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;");
    Some(format!(
        "<svg class=\"qr\" role=\"img\" aria-label=\"{label}\" viewBox=\"0 0 {side} {side}\" \
         shape-rendering=\"crispEdges\" xmlns=\"http://www.w3.org/2000/svg\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_quiet_zone_and_no_markup_of_others() {
        let svg = qr_svg("otpauth://totp/x", "a\"<b").unwrap();
        assert!(svg.contains("aria-label=\"a&quot;&lt;b\""));
        // A finder pattern begins behind the border.
        assert!(svg.contains("d=\"M4 4h1v1h-1z"));
        assert!(qr_svg(&"x".repeat(4000), "").is_none());
    }
}
