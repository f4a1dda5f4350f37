//! Templates of plugins. They have the same features as a tenant's, and may name the values that they are given.

use super::engine::RenderError;
use super::line::single_line;
use super::{TemplateProblem, check, engine};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// A template of a plugin, or its rendered form: its parts, as far as it has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartialTemplate {
    /// The subject, one line.
    pub subject: Option<String>,
    /// The body as plain text.
    pub text: Option<String>,
    /// The body as HTML: values in it are escaped.
    pub html: Option<String>,
}

impl PartialTemplate {
    /// Parses a file with one template: TOML with `subject`, `text`, `html`. The error describes the problem, with its
    /// line if there is one.
    pub fn parse(file: &str) -> Result<Self, String> {
        let read: Self = toml::from_str(file).map_err(|e| {
            let line = e.span().map(|span| 1 + file[..span.start].matches('\n').count());
            let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            format!("{place}{}", e.message())
        })?;
        let problems = read.check();
        if let Some(TemplateProblem { part, message }) = problems.into_iter().next() {
            return Err(format!("{part}: {message}"));
        }
        Ok(read)
    }

    /// All problems of its form, one per part.
    pub fn check(&self) -> Vec<TemplateProblem> {
        let parts = [("subject", &self.subject), ("text", &self.text), ("html", &self.html)];
        if parts.iter().all(|(_, template)| template.is_none()) {
            return vec![TemplateProblem { part: "text", message: "is empty: it needs a text or an html part".into() }];
        }
        let find_problem = |(part, template): (&'static str, &Option<String>)| {
            let message = check::check_form(part, template.as_deref()?, None).err()?;
            Some(TemplateProblem { part, message })
        };
        parts.into_iter().filter_map(find_problem).collect()
    }

    /// Renders it. Its form was checked before. The error describes the problem of a part: a name without a value, or too much output.
    pub fn render(&self, values: &Map<String, Json>) -> Result<Self, RenderError> {
        let text = |part, template: &Option<String>| {
            template.as_ref().map(|template| engine::render_text(part, template, values)).transpose()
        };
        Ok(Self {
            subject: text("subject", &self.subject)?.map(|subject| single_line(&subject)),
            text: text("text", &self.text)?,
            html: self.html.as_ref().map(|template| engine::render_html("html", template, values)).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_testkit::extend_limit;
    use serde_json::json;
    use std::time::{Duration, Instant};

    fn values(value: Json) -> Map<String, Json> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn template_files_accept_only_valid_parts() {
        let read = PartialTemplate::parse(
            "subject = \"Hello {{name}}\"\ntext = \"\"\"\n{{name}} & co\"\"\"\nhtml = \"<p>{{name}}</p>\"",
        )
        .unwrap();
        let filled = read.render(&values(json!({ "name": "Ann <b>" }))).unwrap();
        assert_eq!(filled.subject.as_deref(), Some("Hello Ann <b>"));
        assert_eq!(filled.text.as_deref(), Some("Ann <b> & co"));
        assert_eq!(filled.html.as_deref(), Some("<p>Ann &lt;b&gt;</p>"));
        for (bad, message) in [
            ("", "needs a text"),
            ("subject = 1", "line 1"),
            ("text = \"x\"\nbody = \"x\"", "line 2"),
            ("text = \"{{#if a}}\"", "text: "),
            ("html = \"{{{a}}}\"", "two braces"),
            ("text = \"{{> a}}\"", "partials"),
            ("text = \"{{log a}}\"", "no helper log"),
            ("text = \"{{#each (lookup a 1)}}x{{/each}}\"", "the name"),
        ] {
            let error = PartialTemplate::parse(bad).unwrap_err();
            assert!(error.contains(message), "{bad}: {error}");
        }
    }

    #[test]
    fn missing_variables_are_errors() {
        let template = PartialTemplate { text: Some("{{name}}".into()), ..PartialTemplate::default() };
        let error = template.render(&Map::new()).unwrap_err();
        assert_eq!((error.part, error.message.as_str()), ("text", "there is no variable name (line 1)"));
        let partial_template =
            PartialTemplate { text: Some("{{#if name}}x{{else}}y{{/if}}".into()), ..PartialTemplate::default() };
        assert_eq!(partial_template.render(&Map::new()).unwrap().text.as_deref(), Some("y"));
    }

    #[test]
    fn loops_provide_index_key_and_last() {
        let template = "{{#each list as |one|}}{{@index}}{{one.a}}{{#if @last}}.{{else}},{{/if}}{{/each}}{{#each map}}{{@key}}={{this}};{{/each}}{{#each none}}x{{else}}-{{/each}}";
        let template = PartialTemplate { text: Some(template.into()), ..PartialTemplate::default() };
        let values = values(json!({ "list": [{ "a": "x" }, { "a": "y" }], "map": { "k": 1, "l": 2 }, "none": [] }));
        assert_eq!(template.check(), []);
        assert_eq!(template.render(&values).unwrap().text.as_deref(), Some("0x,1y.k=1;l=2;-"));
    }

    #[test]
    fn days_are_written_in_the_language_of_the_template() {
        let template = PartialTemplate {
            text: Some("{{formatDate day}}{{#each list}}, {{formatDate this}}{{/each}}".into()),
            ..PartialTemplate::default()
        };
        assert_eq!(template.check(), []);
        let render = |values: Json| template.render(&self::values(values));
        let list = json!(["2027-02-28", "next week", null]);
        let values = json!({ "day": "2027-03-01", "locale": "nl", "list": list });
        assert_eq!(render(values).unwrap().text.as_deref(), Some("1 maart 2027, 28 februari 2027, next week, "));
        // English without a region is that of the site's time zone, and has the day first where nobody has set one.
        for (locale, site, expected) in [
            (json!("en"), json!({ "zone": "Europe/Amsterdam" }), "1 March 2027"),
            (json!("en"), json!({ "zone": "America/New_York" }), "March 1, 2027"),
            (json!("en-US"), json!({ "zone": "Europe/Amsterdam" }), "March 1, 2027"),
            (json!("en"), json!({ "zone": "UTC" }), "1 March 2027"),
            (json!(null), json!(null), "1 March 2027"),
        ] {
            let values = json!({ "day": "2027-03-01", "locale": locale, "site": site, "list": [] });
            assert_eq!(render(values).unwrap().text.as_deref(), Some(expected), "{locale} {site}");
        }
        let error = render(json!({ "locale": "nl", "list": [] })).unwrap_err();
        assert!(error.message.contains("there is no variable day"), "{error}");
        let error = render(json!({ "day": { "a": 1 }, "list": [] })).unwrap_err();
        assert!(error.message.contains("formatDate needs a day"), "{error}");
    }

    #[test]
    fn comparisons_apply_to_texts_and_numbers() {
        for (condition, answer) in [
            ("(eq a 1)", true),
            ("(eq a \"1\")", false),
            ("(ne b \"x\")", false),
            ("(gt a 0)", true),
            ("(lte a 1.0)", true),
            ("(lt b \"y\")", true),
            ("(and (eq a 1) (not (eq b \"y\")))", true),
            ("(eq list list)", false),
        ] {
            let template = PartialTemplate {
                text: Some(format!("{{{{#if {condition}}}}}yes{{{{else}}}}no{{{{/if}}}}")),
                ..PartialTemplate::default()
            };
            assert_eq!(template.check(), [], "{condition}");
            let filled = template.render(&values(json!({ "a": 1, "b": "x", "list": [1] }))).unwrap();
            assert_eq!(filled.text.as_deref(), Some(if answer { "yes" } else { "no" }), "{condition}");
        }
        let block =
            PartialTemplate { text: Some("{{#eq a 1}}one{{else}}other{{/eq}}".into()), ..PartialTemplate::default() };
        assert_eq!(block.render(&values(json!({ "a": 2 }))).unwrap().text.as_deref(), Some("other"));
    }

    #[test]
    fn loops_without_output_stop_at_the_step_limit() {
        let many: Vec<i64> = (0..50_000).collect();
        let long = "x".repeat(200_000);
        let values = values(json!({ "many": many, "long": long, "same": long, "deep": [[1]] }));
        for template in [
            "{{#each many}}{{#each ../many}}{{/each}}{{/each}}".to_owned(),
            "{{#each many}}{{#each @root.many}}{{#if (eq @root.long @root.same)}}{{/if}}{{/each}}{{/each}}".to_owned(),
            format!("{{{{#each many}}}}{}{{{{/each}}}}", "{{#if (eq @root.long @root.same)}}{{/if}}".repeat(1_000)),
            format!("{{{{#each many}}}}{}{{{{/each}}}}", "{{#if this}}{{/if}}".repeat(3_000)),
        ] {
            let template = PartialTemplate { text: Some(template), ..PartialTemplate::default() };
            assert_eq!(template.check(), []);
            let began = Instant::now();
            let error = template.render(&values).unwrap_err();
            assert!(error.message.contains("steps"), "{error}");
            assert!(began.elapsed() < extend_limit(Duration::from_secs(60)), "{:?}", began.elapsed());
        }
        let copied = PartialTemplate { text: Some("{{lookup deep 0}}".into()), ..PartialTemplate::default() };
        assert!(copied.render(&values).unwrap_err().message.contains("lookup must return"));
    }
}
