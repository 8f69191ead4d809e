//! Which device somebody is holding, as far as a browser says it.

use mandate_model::Platform;

/// A kind of device that people know by this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An iPhone.
    IPhone,
    /// An iPad.
    IPad,
    /// A Mac.
    Mac,
    /// A phone or tablet with Android.
    Android,
    /// A computer with Windows.
    Windows,
}

impl Kind {
    /// All of them.
    pub(super) const ALL: [Self; 5] = [
        Self::IPhone,
        Self::IPad,
        Self::Mac,
        Self::Android,
        Self::Windows,
    ];

    /// As it stands in addresses and forms.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::IPhone => "iphone",
            Self::IPad => "ipad",
            Self::Mac => "mac",
            Self::Android => "android",
            Self::Windows => "windows",
        }
    }

    /// Reads that word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Its name, the same in all languages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::IPhone => "iPhone",
            Self::IPad => "iPad",
            Self::Mac => "Mac",
            Self::Android => "Android",
            Self::Windows => "Windows",
        }
    }

    /// What it runs, if devices of this kind can be enrolled.
    pub(super) const fn platform(self) -> Option<Platform> {
        match self {
            Self::IPhone | Self::IPad => Some(Platform::Ios),
            Self::Mac => Some(Platform::MacOs),
            Self::Android | Self::Windows => None,
        }
    }

    /// The kind that a browser seems to run on (`User-Agent`). An iPad calls itself a Mac unless somebody has told it not
    /// to, so whoever is taken for a Mac is offered both.
    pub(super) fn of_agent(agent: &str) -> Option<Self> {
        // Old Windows phones name all the others as well.
        let signs = [
            ("Windows", Self::Windows),
            ("iPhone", Self::IPhone),
            ("iPod", Self::IPhone),
            ("iPad", Self::IPad),
            ("Android", Self::Android),
            ("Macintosh", Self::Mac),
        ];
        signs
            .into_iter()
            .find_map(|(sign, kind)| agent.contains(sign).then_some(kind))
    }

    /// Whether the browser of somebody may be on a device of this kind itself.
    pub(super) fn may_be_here(self, agent: &str) -> bool {
        match Self::of_agent(agent) {
            Some(Self::Mac) => matches!(self, Self::Mac | Self::IPad),
            found => found == Some(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart() {
        for (agent, kind) in [
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/18.5 Mobile/15E148 Safari/604.1",
                Some(Kind::IPhone),
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 Version/12.1 Mobile/15E148 Safari/604.1",
                Some(Kind::IPad),
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
                Some(Kind::Mac),
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/138.0 Mobile Safari/537.36",
                Some(Kind::Android),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/138.0 Safari/537.36",
                Some(Kind::Windows),
            ),
            (
                "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; like iPhone) Edge/15",
                Some(Kind::Windows),
            ),
            ("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", None),
            ("", None),
        ] {
            assert_eq!(Kind::of_agent(agent), kind, "{agent}");
        }
    }

    #[test]
    fn what_calls_itself_a_mac_may_be_an_ipad() {
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605.1.15";
        assert!(Kind::Mac.may_be_here(mac) && Kind::IPad.may_be_here(mac));
        assert!(!Kind::IPhone.may_be_here(mac));
        assert!(Kind::IPhone.may_be_here("(iPhone; CPU iPhone OS 18_5)"));
        assert!(!Kind::IPad.may_be_here("(X11; Linux x86_64)"));
    }

    #[test]
    fn words_are_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.word()), Some(kind));
        }
        assert_eq!(Kind::parse("toaster"), None);
    }
}
