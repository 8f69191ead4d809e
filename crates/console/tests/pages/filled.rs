//! Forms as a browser without scripts would send them: what stands in the fields of a page.

/// The fields of the form that goes to a path.
pub(crate) fn fields_of(page: &str, action: &str) -> Vec<(String, String)> {
    let begin = format!("action=\"{action}\"");
    let form = page.split(&begin).nth(1).expect("there is such a form");
    let form = form.split("</form>").next().unwrap();
    let mut fields = Vec::new();
    let mut select: Option<(String, Option<String>, Option<String>)> = None;
    for piece in form.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let is = |name: &str| tag == name || tag.starts_with(&format!("{name} "));
        let name = attribute(tag, "name").unwrap_or_default();
        let value = attribute(tag, "value").unwrap_or_default();
        let has = |flag: &str| tag.split_whitespace().any(|part| part == flag);
        if is("input") {
            let kind = attribute(tag, "type").unwrap_or_default();
            let is_sent = match kind.as_str() {
                "radio" | "checkbox" => has("checked"),
                "file" => false,
                _ => true,
            };
            if is_sent && !name.is_empty() && name != "form_token" {
                fields.push((name, value));
            }
        } else if is("textarea") {
            // A line break right behind the tag is not part of the text (HTML §4.10.11).
            let text = text.strip_prefix('\n').unwrap_or(text);
            fields.push((name, plain(text)));
        } else if is("select") {
            select = Some((name, None, None));
        } else if is("option")
            && let Some((_, first, selected)) = &mut select
        {
            first.get_or_insert_with(|| value.clone());
            if has("selected") {
                *selected = Some(value);
            }
        } else if tag == "/select"
            && let Some((name, first, selected)) = select.take()
        {
            fields.push((name, selected.or(first).unwrap_or_default()));
        }
    }
    fields
}

/// The same with some of them filled in otherwise; a name that is not there yet is added.
pub(crate) fn with<'a>(
    fields: &'a [(String, String)],
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let kept = fields.iter().filter(|(name, _)| !is_changed(name));
    kept.map(|(name, value)| (name.as_str(), value.as_str()))
        .chain(changes.iter().copied())
        .collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
    rest.split('"').next().map(plain)
}

fn plain(text: &str) -> String {
    // As askama writes them; the ampersand last, for it begins the others.
    let written = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ];
    written
        .iter()
        .fold(text.to_owned(), |text, (entity, letter)| {
            text.replace(entity, letter)
        })
}
