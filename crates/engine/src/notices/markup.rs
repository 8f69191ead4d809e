//! Bodies of texts: plain, or with a few HTML tags. Whatever else looks like HTML is shown as it was typed.

use super::variables::{LINE_END, Values};

/// Tags that open and close. `a` takes `href`, and all others nothing.
const TAGS: [&str; 12] = [
    "p", "b", "strong", "i", "em", "u", "code", "ul", "ol", "li", "a", "h2",
];
/// Tags that begin a line of their own.
const BLOCKS: [&str; 5] = ["p", "ul", "ol", "li", "h2"];
const ENTITIES: [(&str, &str); 6] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#39;", "'"),
    ("&nbsp;", "\u{a0}"),
    ("&amp;", "&"),
];

/// A body in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Body {
    parts: Vec<Part>,
    has_tags: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Break,
    Open(&'static str),
    Close(&'static str),
    Link(String),
}

impl Body {
    /// Reads a body.
    pub(super) fn read(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(place) = rest.find('<') {
            let (before, from) = rest.split_at(place);
            plain.push_str(before);
            if let Some((part, length)) = tag(from) {
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(part);
                rest = &from[length..];
            } else {
                plain.push('<');
                rest = &from[1..];
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        let has_tags = parts.iter().any(|part| !matches!(part, Part::Text(_)));
        Self { parts, has_tags }
    }

    /// As HTML in which every tag is one of ours and closed again.
    pub(super) fn to_html(&self, values: &Values) -> String {
        let mut html = String::new();
        let mut open: Vec<&'static str> = Vec::new();
        for part in &self.parts {
            match part {
                Part::Text(text) if self.has_tags => {
                    let filled = escape(&values.fill(&decoded(text)));
                    html.push_str(&filled.replace(LINE_END, "<br>\n"));
                }
                Part::Text(text) => {
                    html.push_str(&paragraphs(&values.fill(text).replace(LINE_END, "\n")));
                }
                Part::Break => html.push_str("<br>\n"),
                Part::Open(tag) => {
                    html.extend(["<", tag, ">"]);
                    open.push(tag);
                }
                Part::Link(address) => {
                    let address = values.fill(address);
                    let address = if is_safe(&address) {
                        address
                    } else {
                        String::new()
                    };
                    html.extend(["<a href=\"", &escape(&address), "\">"]);
                    open.push("a");
                }
                Part::Close(tag) => {
                    let Some(depth) = open.iter().rposition(|other| other == tag) else {
                        continue;
                    };
                    for tag in open.split_off(depth).into_iter().rev() {
                        html.extend(["</", tag, ">"]);
                    }
                }
            }
        }
        for tag in open.into_iter().rev() {
            html.extend(["</", tag, ">"]);
        }
        html
    }

    /// As plain text; links are followed by their addresses.
    pub(super) fn to_text(&self, values: &Values) -> String {
        let mut text = String::new();
        let mut links = Vec::new();
        for part in &self.parts {
            match part {
                Part::Text(plain) if self.has_tags => {
                    for (number, line) in values.fill(&decoded(plain)).split(LINE_END).enumerate() {
                        if number > 0 {
                            new_line(&mut text, 1);
                        }
                        push_words(&mut text, line);
                    }
                }
                Part::Text(plain) => text.push_str(&values.fill(plain).replace(LINE_END, "\n")),
                Part::Break => text.push('\n'),
                Part::Open("li") => {
                    new_line(&mut text, 1);
                    text.push_str("- ");
                }
                Part::Open(tag) if BLOCKS.contains(tag) => new_line(&mut text, 2),
                Part::Close(tag) if BLOCKS.contains(tag) => new_line(&mut text, 1),
                Part::Link(address) => links.push(values.fill(address)),
                Part::Close("a") => {
                    if let Some(address) = links.pop().filter(|address| is_safe(address))
                        && !text.ends_with(&address)
                    {
                        text.extend([" <", &address, ">"]);
                    }
                }
                Part::Open(_) | Part::Close(_) => {}
            }
        }
        text.replace("\r\n", "\n").trim().to_owned()
    }
}

/// The tag at the beginning of a text, and its length in octets.
fn tag(text: &str) -> Option<(Part, usize)> {
    let end = text.find('>')?;
    let inside = text[1..end].trim().trim_end_matches('/').trim_end();
    let (closes, inside) = match inside.strip_prefix('/') {
        Some(inside) => (true, inside.trim()),
        None => (false, inside),
    };
    let (name, attributes) = match inside.split_once(char::is_whitespace) {
        Some((name, attributes)) => (name, attributes.trim()),
        None => (inside, ""),
    };
    let length = end + 1;
    if name.eq_ignore_ascii_case("br") && !closes {
        return Some((Part::Break, length));
    }
    let name = TAGS
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(name))?;
    Some(match (closes, name) {
        (true, name) => (Part::Close(name), length),
        (false, "a") => (Part::Link(address(attributes)?), length),
        (false, name) => (Part::Open(name), length),
    })
}

/// The value of `href`.
fn address(attributes: &str) -> Option<String> {
    let lower = attributes.to_ascii_lowercase();
    let place = lower.find("href")?;
    let value = attributes[place + 4..]
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let value = match quote {
        Some(quote) => value[1..].split(quote).next()?,
        None => value.split_whitespace().next()?,
    };
    Some(decoded(value.trim()))
}

/// Whether a link leads where a mail may lead.
fn is_safe(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    ["https://", "http://", "mailto:"]
        .into_iter()
        .any(|scheme| lower.starts_with(scheme))
        && !address.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// Plain text as paragraphs; addresses become links.
fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let paragraphs = text
        .split("\n\n")
        .map(str::trim)
        .filter(|one| !one.is_empty());
    let mut html = String::new();
    for paragraph in paragraphs {
        let lines: Vec<String> = paragraph.lines().map(with_links).collect();
        html.extend(["<p>", &lines.join("<br>\n"), "</p>\n"]);
    }
    html
}

fn with_links(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let is_link =
            (word.starts_with("https://") || word.starts_with("http://")) && is_safe(word);
        let shown = escape(word);
        if is_link {
            format!("<a href=\"{shown}\">{shown}</a>")
        } else {
            shown
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A text without meaning to HTML.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn decoded(text: &str) -> String {
    // `&amp;` is the last, so that nothing is decoded twice.
    ENTITIES
        .into_iter()
        .fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c))
}

/// Words as HTML shows them: blanks and line ends are one blank.
fn push_words(text: &mut String, words: &str) {
    let begins_apart = words.starts_with(char::is_whitespace);
    let ends_apart = words.ends_with(char::is_whitespace);
    let joined = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_apart = text.is_empty() || text.ends_with(char::is_whitespace);
    if begins_apart && !is_apart {
        text.push(' ');
    }
    text.push_str(&joined);
    if ends_apart && !joined.is_empty() {
        text.push(' ');
    }
}

fn new_line(text: &mut String, lines: usize) {
    let kept = text.trim_end_matches([' ', '\n']).len();
    text.truncate(kept);
    if !text.is_empty() {
        text.push_str(&"\n".repeat(lines));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn html(text: &str) -> String {
        Body::read(text).to_html(&Values::default())
    }

    fn text(text: &str) -> String {
        Body::read(text).to_text(&Values::default())
    }

    #[test]
    fn plain_text_becomes_paragraphs_with_links() {
        assert_eq!(
            html("Hi <you> & me\nline\n\nsee https://x.example/a"),
            "<p>Hi &lt;you&gt; &amp; me<br>\nline</p>\n\
             <p>see <a href=\"https://x.example/a\">https://x.example/a</a></p>\n"
        );
        assert_eq!(text("Hi\r\nthere"), "Hi\nthere");
    }

    #[test]
    fn a_few_tags_are_kept_and_closed_and_others_shown() {
        let source = "<P>Hi <b>Ada</P><ul><li>one<li>two</ul><script>alert(1)</script><a href='https://x.example/?a&amp;b'>x</a>";
        assert_eq!(
            html(source),
            "<p>Hi <b>Ada</b></p><ul><li>one<li>two</li></li></ul>&lt;script&gt;alert(1)&lt;/script&gt;\
             <a href=\"https://x.example/?a&amp;b\">x</a>"
        );
        assert_eq!(
            text(source),
            "Hi Ada\n- one\n- two\n<script>alert(1)</script>x <https://x.example/?a&b>"
        );
    }

    #[test]
    fn lines_of_a_value_stay_lines_in_either_form() {
        let mut values = Values::default();
        values.set_lines("Steps", "1. one\n2. two");
        let plain = Body::read("Do:\n{{Steps}}");
        assert_eq!(
            plain.to_html(&values),
            "<p>Do:<br>\n1. one<br>\n2. two</p>\n"
        );
        let tagged = Body::read("<p>Do:\n{{Steps}}</p>");
        assert_eq!(tagged.to_html(&values), "<p>Do:\n1. one<br>\n2. two</p>");
        assert_eq!(tagged.to_text(&values), "Do: 1. one\n2. two");
    }

    #[test]
    fn no_value_and_no_link_brings_a_tag_of_its_own() {
        let mut values = Values::default();
        values.set("DeviceName", "<img src=x onerror=alert(1)>");
        values.set("PortalLink", "javascript:alert(1)");
        let body = Body::read("<p>{{DeviceName}} <a href=\"{{PortalLink}}\">x</a></p>");
        assert_eq!(
            body.to_html(&values),
            "<p>&lt;img src=x onerror=alert(1)&gt; <a href=\"\">x</a></p>"
        );
        let plain = Body::read("{{DeviceName}}");
        assert!(!plain.to_html(&values).contains("<img"));
    }

    proptest! {
        #[test]
        fn whatever_is_read_only_our_tags_come_out(source in "[<>a-zA-Z/ \"'=&;{}\n\u{e9}:-]{0,80}") {
            let html = html(&source);
            for piece in html.split('<').skip(1) {
                let name: String = piece.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
                prop_assert!(name == "br" || TAGS.contains(&name.as_str()), "{name:?} of {source:?}");
            }
            for tag in TAGS {
                let opened = html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
                prop_assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{}", source);
            }
            let _ = text(&source);
        }

        #[test]
        fn nothing_makes_it_panic(source: String) {
            let _ = (html(&source), text(&source));
        }
    }
}
