use plist::Value;

use super::*;

fn xml(content: &str) -> Result<Value, WireError> {
    let document = format!("<plist version=\"1.0\"><dict><key>k</key>{content}</dict></plist>");
    read(document.as_bytes(), Limits::CHECK_IN)
        .map(|mut dictionary| dictionary.remove("k").unwrap())
}

/// A binary document of these objects; the first is the root. One byte per reference and offset.
fn binary(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut document = binary::MAGIC.to_vec();
    let mut offsets = Vec::new();
    for object in objects {
        offsets.push(u8::try_from(document.len()).unwrap());
        document.extend(object);
    }
    let table_at = document.len() as u64;
    document.extend(offsets);
    document.extend([0, 0, 0, 0, 0, 0, 1, 1]);
    for number in [objects.len() as u64, 0, table_at] {
        document.extend(number.to_be_bytes());
    }
    document
}

#[test]
fn text_is_read_with_references_comments_and_raw_parts() {
    let text =
        xml("<string>a &lt;&amp;&gt; &#65;&#x42;<!-- <dict> --><![CDATA[<&]]> z</string>").unwrap();
    assert_eq!(text, Value::String("a <&> AB<& z".to_owned()));
}

#[test]
fn every_scalar_of_the_form_is_read() {
    assert_eq!(xml("<integer> -7 </integer>").unwrap(), Value::from(-7));
    assert_eq!(xml("<integer>0xFF</integer>").unwrap(), Value::from(255));
    assert_eq!(
        xml("<integer>18446744073709551615</integer>").unwrap(),
        Value::from(u64::MAX)
    );
    assert_eq!(xml("<real>1.5</real>").unwrap(), Value::Real(1.5));
    assert_eq!(xml("<true/>").unwrap(), Value::Boolean(true));
    assert_eq!(xml("<false></false>").unwrap(), Value::Boolean(false));
    assert_eq!(
        xml("<data>\n\tAAEC\n\tAw==\n</data>").unwrap(),
        Value::Data(vec![0, 1, 2, 3])
    );
    assert_eq!(xml("<string/>").unwrap(), Value::String(String::new()));
    assert!(
        xml("<date>2026-11-21T08:44:12Z</date>")
            .unwrap()
            .as_date()
            .is_some()
    );
}

#[test]
fn what_is_no_property_list_is_refused() {
    for content in [
        "<string>a</string",
        "<string>a</integer>",
        "<string>&unknown;</string>",
        "<string>&#0;</string>",
        "<string>a\0b</string>",
        "<integer>seven</integer>",
        "<data>*</data>",
        "<float>1</float>",
        "<dict attribute=\"</dict>\"></dict>",
        "<array><key>k</key></array>",
        "text",
        "<true>yes</true>",
        "",
    ] {
        assert!(xml(content).is_err(), "{content}");
    }
    for document in [
        "",
        "<plist/>",
        "<dict/>",
        "<plist><array/></plist>",
        "<plist><dict/></plist>x",
        "<plist><dict/>",
    ] {
        assert!(
            read(document.as_bytes(), Limits::CHECK_IN).is_err(),
            "{document}"
        );
    }
}

#[test]
fn a_document_type_of_its_own_is_refused() {
    let document = "<!DOCTYPE plist [<!ENTITY a \"b\">]><plist><dict/></plist>";
    assert_eq!(
        read(document.as_bytes(), Limits::CHECK_IN),
        Err(WireError::Malformed("an internal document type"))
    );
}

#[test]
fn depth_counts_what_is_open_not_what_was() {
    let siblings = "<array></array>".repeat(100);
    assert!(xml(&format!("<array>{siblings}</array>")).is_ok());
    let nested = |depth: usize| {
        xml(&format!(
            "{}{}",
            "<array>".repeat(depth),
            "</array>".repeat(depth)
        ))
    };
    assert!(nested(15).is_ok());
    assert_eq!(nested(16), Err(WireError::TooDeep { limit: 16 }));
}

#[test]
fn a_binary_document_that_holds_itself_is_refused() {
    let key = vec![0x51, b'k'];
    let document = binary(&[vec![0xd1, 1, 0], key]);
    assert_eq!(
        read(&document, Limits::CHECK_IN),
        Err(WireError::TooDeep { limit: 16 })
    );
}

#[test]
fn a_few_bytes_do_not_unfold_to_gigabytes() {
    // Ten arrays, each of which holds the next one fourteen times: 14^10 strings.
    let mut objects = vec![vec![0xd1, 1, 2], vec![0x51, b'k']];
    for next in 3..13 {
        let mut array = vec![0xae];
        array.extend([next; 14]);
        objects.push(array);
    }
    objects.push(vec![0x51, b'x']);
    let document = binary(&objects);
    assert!(document.len() < 300);
    assert_eq!(
        read(&document, Limits::CHECK_IN),
        Err(WireError::TooLarge {
            limit: Limits::CHECK_IN.bytes
        })
    );
}

#[test]
fn short_elements_do_not_unfold_either() {
    let many = "<true/>".repeat(Limits::CHECK_IN.bytes / 8);
    assert_eq!(
        xml(&format!("<array>{many}</array>")),
        Err(WireError::TooLarge {
            limit: Limits::CHECK_IN.bytes
        })
    );
}

#[test]
fn references_and_lengths_out_of_the_document_are_refused() {
    for objects in [
        vec![vec![0xd1, 9, 9]],
        vec![vec![
            0xdf, 0x13, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        ]],
        vec![
            vec![0xd1, 1, 2],
            vec![0x51, b'k'],
            vec![0x5f, 0x12, 0x7f, 0xff, 0xff, 0xff],
        ],
        vec![vec![0xd1, 1, 2], vec![0x51, b'k'], vec![0x4f, 0x44]],
    ] {
        assert!(read(&binary(&objects), Limits::CHECK_IN).is_err());
    }
}
