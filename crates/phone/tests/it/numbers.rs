//! Any way people write a number.

use phone::number::{NumberFault, grouped, read, shown};

fn regions(text: &str) -> Vec<&'static str> {
    read(text).country.map(|country| country.regions().collect()).unwrap_or_default()
}

#[test]
fn any_pasted_format_becomes_e164() {
    for text in [
        "+919800000001",
        "+91 98000 00001",
        "00919800000001",
        "0091-98000-00001",
        "tel:+91-9800000001",
        "\u{202A}+91 98000\u{00A0}00001\u{202C}",
        "+91 (0) 98000 00001".replace("(0) ", "(0)").as_str(),
        "+٩١٩٨٠٠٠٠٠٠٠١",
        "＋９１９８０００００００１",
        " (+91) 98000.00001 ",
        "(00 91) 98000 00001",
        "+00 91 98000 00001",
        "+91\t98000\n00001",
        "TEL:+919800000001",
        "tel:%2B91%2098000%2000001",
        "tel:+91(98000)00001;ext=7?body=x",
        "tel://+919800000001",
        "web+tel:+91-98000-00001",
        // As it is copied out of a page, with a space that does not break.
        "\u{a0}tel:+919800000001",
        "callto:+919800000001",
    ] {
        assert_eq!(read(text).number.as_deref(), Ok("+919800000001"), "{text:?}");
        assert_eq!(regions(text), ["IN"], "{text:?}");
    }
}

#[test]
fn the_fault_is_named() {
    for (text, fault) in [
        ("", NumberFault::Empty),
        ("  ", NumberFault::Empty),
        ("98000 00001", NumberFault::NoCountryCode),
        ("tel:98000-00001;phone-context=+91", NumberFault::NoCountryCode),
        ("tel:+91%zz98000", NumberFault::Strange('%')),
        ("+91 98000x", NumberFault::Strange('x')),
        ("+91+98000", NumberFault::Strange('+')),
        ("+91 98", NumberFault::TooShort),
        ("+", NumberFault::TooShort),
        ("+91 98000 00001 0000 0000", NumberFault::TooLong),
        ("+0 98000 00001", NumberFault::UnknownCountry),
        ("+210 000 0000", NumberFault::UnknownCountry),
    ] {
        assert_eq!(read(text).number, Err(fault), "{text:?}");
        assert!(!phone::text::number(fault).is_empty());
    }
}

#[test]
fn a_fault_that_typing_on_may_mend_is_not_shown() {
    for text in ["", "+", "+9", "+91 98", "0", "00", "980"] {
        assert_eq!(read(text).clear_fault(text), None, "{text:?}");
    }
    for text in ["9800", "+91x", "+0", "+999", "+1234567890123456"] {
        assert!(read(text).clear_fault(text).is_some(), "{text:?}");
    }
}

#[test]
fn the_longest_code_names_the_country() {
    for (text, country) in [
        ("+1 212 555 0100", "US CA"),
        ("+1 876 555 0100", "JM"),
        ("+7 495 000 0000", "RU KZ"),
        ("+44 20 7946 0000", "GB"),
        ("+358 9 000000", "FI"),
        ("+55 11 90000 0000", "BR"),
        ("+800 1234 5678", ""),
    ] {
        assert_eq!(regions(text).join(" "), country, "{text:?}");
    }
    assert_eq!(
        read("+800 1234 5678").country.and_then(|country| country.service()),
        Some("International freephone")
    );
    assert_eq!(read("+91 98000 00001").country.and_then(|country| country.service()), None);
}

#[test]
fn it_groups_while_it_grows_and_leaves_corrections_alone() {
    let mut field = String::new();
    for key in "+919800000001".chars() {
        field = shown(&field.clone(), &format!("{field}{key}"));
    }
    assert_eq!(field, "+91 98000 00001");
    assert_eq!(shown(&field, "+91 98000 0000"), "+91 98000 0000", "deleting");
    assert_eq!(shown(&field, "+91 9800 00001"), "+91 9800 00001", "in the middle");
    assert_eq!(shown("", "0091 9800000001"), "+91 98000 00001", "pasted");
    assert_eq!(shown("", "hello"), "hello");
    assert_eq!(grouped("+12125550100"), "+1 212 555 0100");
    assert_eq!(grouped("+442079460000"), "+44 20794 60000");
    assert_eq!(grouped("+35891234567"), "+358 912 345 67");
    assert_eq!(grouped("+3589123456"), "+358 912 3456");
    assert_eq!(grouped("anonymous"), "anonymous");
}
