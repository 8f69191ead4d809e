//! Words for what profiles are.

use mandate_model::Platform;

/// Platforms that profiles can be made for, in the order of the page.
pub(super) const PLATFORMS: [Platform; 2] = [Platform::Ios, Platform::MacOs];

/// Name of a platform; names of products are alike in all languages.
pub(super) const fn platform_name(platform: Platform) -> &'static str {
    match platform {
        Platform::Ios => "iOS/iPadOS",
        Platform::MacOs => "macOS",
    }
}
