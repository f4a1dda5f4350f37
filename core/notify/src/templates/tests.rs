use super::*;
use serde_json::json;

fn parts(subject: &str, text: &str, html: &str) -> RenderedMail {
    RenderedMail { subject: subject.into(), text: text.into(), html: html.into() }
}

/// The problem of a template with one part.
fn problem(part: &str, template: &str) -> Option<String> {
    let template_for = |name| if name == part { template } else { "x" };
    check_template("mention", &parts(template_for("subject"), template_for("text"), template_for("html")))
        .first()
        .map(|p| format!("{}: {}", p.part, p.message))
}

#[test]
fn built_in_templates_are_valid_in_every_language() {
    for language in LANGUAGES {
        assert!(built_in("layout", language).is_some());
        for name in template_names() {
            let own = built_in(name, language).unwrap_or_else(|| panic!("{name} in {language}"));
            assert_eq!(check_template(name, own), [], "{name} in {language}");
            let full = render_template(own, language, &sample_values(name)).unwrap();
            for text in [&full.subject, &full.text, &full.html] {
                assert!(!text.contains("{{") && !text.trim().is_empty(), "{name} in {language}: {text}");
            }
            assert!(full.html.contains("<!doctype html>") && full.html.contains(&format!("lang=\"{language}\"")));
            assert!(full.html.contains("/admin/unsubscribe/") && full.text.contains("/admin/unsubscribe/"));
        }
        assert_eq!(BUILT_IN[language].len(), template_names().count() + 1, "no template that nobody uses");
    }
}

#[test]
fn values_are_escaped_only_in_html() {
    let own = built_in("mention", "nl").unwrap();
    let mut values = sample_values("mention");
    values.insert("title".into(), "<script>alert(1)</script> & \"co\"\r\nBcc: eve@example.com".into());
    values.insert("link".into(), "https://x/\"><b>".into());
    let mail = render_template(own, "nl", &values).unwrap();
    assert_eq!(mail.subject, "Bart noemde je: <script>alert(1)</script> & \"co\" Bcc: eve@example.com");
    assert!(mail.text.contains("<script>alert(1)</script> & \"co\""));
    assert!(!mail.html.contains("<script>alert") && !mail.html.contains("\"><b>"), "{}", mail.html);
    assert!(mail.html.contains("&lt;script&gt;"));
}

#[test]
fn locales_map_to_a_template_language() {
    for (locale, language_of) in
        [("nl", "nl"), ("nl-BE", "nl"), ("NL_nl", "nl"), ("en-GB", "en"), ("fr", "en"), ("", "en")]
    {
        assert_eq!(template_language(locale), language_of, "{locale}");
    }
    assert_eq!(lookup_locales("nl-BE"), ["nl-BE", "nl"]);
    assert_eq!(lookup_locales("nl"), ["nl"]);
}

#[test]
fn invalid_templates_are_reported_with_their_part() {
    for (template, part) in [
        ("{{#if title}}", "invalid handlebars syntax"),
        ("{{title", "syntax"),
        ("{{#if title}}x{{/each}}", "is closing"),
        ("{{titel}}", "no variable titel"),
        ("{{#if titel}}x{{/if}}", "titel"),
        ("{{#if (nix title)}}x{{/if}}", "no helper nix"),
        ("{{uppercase title}}", "no helper uppercase"),
        ("{{log title}}", "no helper log"),
        ("{{{title}}}", "two braces"),
        ("{{&title}}", "two braces"),
        ("{{> layout}}", "partials"),
        ("{{#> layout}}x{{/layout}}", "partials"),
        ("{{#*inline \"a\"}}{{> a}}{{/inline}}{{> a}}", "partials"),
        ("{{#each site}}{{#each b}}{{#each c}}x{{/each}}{{/each}}{{/each}}", "loops"),
        ("{{#each sites}}x{{/each}}", "no variable sites"),
        ("", "empty"),
    ] {
        let message = problem("html", template).unwrap_or_else(|| panic!("{template} passed"));
        assert!(message.starts_with("html: ") && message.contains(part), "{template}: {message}");
    }
    assert!(problem("subject", "a\r\nBcc: b").unwrap().contains("one line"));
    assert!(problem("text", &"{{#if title}}".repeat(5_000)).unwrap().contains("nested"));
    assert!(problem("text", &format!("{{{{#if {}", "(".repeat(60_000))).unwrap().contains("nested"));
    assert!(problem("text", &"x".repeat(70_000)).unwrap().contains("KiB"));
    let good = "{{#if (eq actor \"Bart\")}}{{title}}{{else}}{{recipient.name}}{{/if}} {{site.name}}";
    assert_eq!(problem("html", good), None);
}

#[test]
fn rendered_mails_are_limited_in_size() {
    let many: Vec<_> = (0..1_000).map(|_| json!({ "title": "x".repeat(1_000), "link": null })).collect();
    let mut values = sample_values("digest");
    values.insert("items".into(), many.into());
    let own = parts("x", "{{#each items}}{{#each ../items}}{{title}}{{/each}}{{/each}}", "x");
    let error = render_template(&own, "en", &values).unwrap_err();
    assert_eq!((error.part, error.message.as_str()), ("text", "the result is longer than 256 KiB"));
}

#[test]
fn notification_titles_are_one_line_in_the_chosen_language() {
    let data = crate::notification::kind_data(Kind::ReleaseFailed, &json!({ "name": "Voorjaar\n2026", "more": 1 }));
    assert_eq!(notification_title(Kind::ReleaseFailed, "nl", &data), "Release mislukt: Voorjaar 2026");
    assert_eq!(notification_title(Kind::ReleaseFailed, "en", &data), "Release failed: Voorjaar 2026");
    assert_eq!(notification_title(Kind::Mention, "en", &Map::new()), "Somebody mentioned you:");
}
