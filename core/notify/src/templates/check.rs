//! Checks of a tenant's template: its form, its permitted features, and a trial with made-up values.

use super::line::is_break;
use super::{engine, render_template, sample_values, template_variables};
use cairn_store::notify::RenderedMail;
use handlebars::Template;
use handlebars::template::{DecoratorTemplate, HelperTemplate, Parameter, TemplateElement};
use serde_json::{Map, Value as Json};

/// Largest part of a template, in bytes.
const MAX_PART_BYTES: usize = 64 << 10;
/// Longest subject of a template, in characters.
const MAX_SUBJECT_CHARS: usize = 500;
/// Deepest nesting of blocks, and of parentheses.
const MAX_DEPTH: usize = 20;
/// Deepest nesting of loops.
const MAX_LOOP_DEPTH: usize = 2;
const HELPERS: [&str; 16] = [
    "if",
    "unless",
    "each",
    "with",
    "lookup",
    "eq",
    "ne",
    "gt",
    "gte",
    "lt",
    "lte",
    "and",
    "or",
    "not",
    "len",
    "formatDate",
];

/// A problem of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateProblem {
    /// `subject`, `text` or `html`.
    pub part: &'static str,
    /// Description for people.
    pub message: String,
}

/// Checks a tenant's template with that name. Returns all problems, one per part.
pub fn check_template(name: &str, parts: &RenderedMail) -> Vec<TemplateProblem> {
    let (mut problems, known) = (Vec::new(), template_variables(name));
    for (part, template) in [("subject", &parts.subject), ("text", &parts.text), ("html", &parts.html)] {
        if let Err(message) = check_form(part, template, Some(&known)) {
            problems.push(TemplateProblem { part, message });
        }
    }
    if !problems.is_empty() {
        return problems;
    }
    // Templates are rendered with all values and with none, so that both kinds of branches are checked.
    let full = sample_values(name);
    let empty: Map<String, Json> = full.iter().map(|(key, value)| (key.clone(), empty_value(key, value))).collect();
    for values in [&full, &empty] {
        if let Err(e) = render_template(parts, "en", values) {
            return vec![TemplateProblem { part: e.part, message: e.message }];
        }
    }
    problems
}

fn empty_value(key: &str, value: &Json) -> Json {
    match (key, value) {
        ("site" | "recipient", _) => value.clone(),
        (_, Json::Array(_)) => Json::Array(Vec::new()),
        _ => Json::Null,
    }
}

/// Checks the form of a part. `known`: the names that it may use; `None`: any.
pub(super) fn check_form(part: &str, template: &str, known: Option<&[&str]>) -> Result<(), String> {
    if template.trim().is_empty() {
        return Err("must not be empty".into());
    }
    if template.len() > MAX_PART_BYTES {
        return Err(format!("must have at most {} KiB", MAX_PART_BYTES >> 10));
    }
    if part == "subject" && (template.chars().count() > MAX_SUBJECT_CHARS || template.chars().any(is_break)) {
        return Err(format!("must be one line of at most {MAX_SUBJECT_CHARS} characters"));
    }
    if template.contains('\0') {
        return Err("must not contain a NUL character".into());
    }
    check_nesting(template)?;
    check_elements(&engine::compile_template(template)?, &mut TemplateWalk { known, depth: 0, loops: 0, inside: 0 })
}

/// Checks the nesting before parsing: what is nested too deeply would be too deep for the parser as well.
fn check_nesting(template: &str) -> Result<(), String> {
    let (mut depth, mut parentheses) = (0_usize, 0_usize);
    let mut rest = template;
    while let Some(start) = rest.find("{{") {
        rest = &rest[start + 2..];
        let tag = rest.trim_start_matches(['{', '~', ' ']);
        if tag.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if tag.starts_with(['#', '^']) {
            depth += 1;
        }
        for c in rest.split("}}").next().unwrap_or_default().chars() {
            match c {
                '(' => parentheses += 1,
                ')' => parentheses = parentheses.saturating_sub(1),
                _ => {}
            }
            if parentheses > MAX_DEPTH {
                return Err(format!("parentheses are nested deeper than {MAX_DEPTH}"));
            }
        }
        parentheses = 0;
        if depth > MAX_DEPTH {
            return Err(format!("blocks are nested deeper than {MAX_DEPTH}"));
        }
    }
    Ok(())
}

/// The state of the walk.
struct TemplateWalk<'a> {
    /// The names that the template may use; `None`: any.
    known: Option<&'a [&'a str]>,
    depth: usize,
    loops: usize,
    /// Number of surrounding blocks in which names refer to something else.
    inside: usize,
}

fn check_elements(template: &Template, at: &mut TemplateWalk<'_>) -> Result<(), String> {
    if at.depth > MAX_DEPTH {
        return Err(format!("blocks are nested deeper than {MAX_DEPTH}"));
    }
    for element in &template.elements {
        match element {
            TemplateElement::RawString(_) | TemplateElement::Comment(_) => {}
            TemplateElement::Expression(e) => check_expression(e, at)?,
            TemplateElement::HtmlExpression(_) => {
                return Err("unescaped output is not allowed: write {{name}} with two braces".into());
            }
            TemplateElement::HelperBlock(block) => {
                check_expression(block, at)?;
                let (is_loop, enters) = (
                    parameter_name(&block.name) == Some("each"),
                    matches!(parameter_name(&block.name), Some("each" | "with")),
                );
                if enters && !block.params.iter().all(|p| matches!(p, Parameter::Path(_))) {
                    return Err("each and with need the name of a variable".into());
                }
                if at.loops + usize::from(is_loop) > MAX_LOOP_DEPTH {
                    return Err(format!("loops are nested deeper than {MAX_LOOP_DEPTH}"));
                }
                for inner in block.template.iter().chain(&block.inverse) {
                    let mut below = TemplateWalk {
                        known: at.known,
                        depth: at.depth + 1,
                        loops: at.loops + usize::from(is_loop),
                        inside: at.inside + usize::from(enters),
                    };
                    check_elements(inner, &mut below)?;
                }
            }
            TemplateElement::PartialExpression(p) | TemplateElement::PartialBlock(p) => return Err(partial_error(p)),
            TemplateElement::DecoratorExpression(d) | TemplateElement::DecoratorBlock(d) => {
                return Err(partial_error(d));
            }
            _ => return Err("this is not supported in mails".into()),
        }
    }
    Ok(())
}

fn partial_error(d: &DecoratorTemplate) -> String {
    format!(
        "partials and decorators ({}) are not supported; the layout is added automatically",
        parameter_name(&d.name).unwrap_or("…")
    )
}

fn check_expression(e: &HelperTemplate, at: &TemplateWalk<'_>) -> Result<(), String> {
    if e.block || !e.params.is_empty() || !e.hash.is_empty() {
        check_helper(&e.name)?;
    }
    e.params.iter().chain(e.hash.values()).try_for_each(|p| check_parameter(p, at))
}

fn check_parameter(p: &Parameter, at: &TemplateWalk<'_>) -> Result<(), String> {
    let Parameter::Subexpression(inner) = p else { return check_variable(p, at) };
    match inner.as_element() {
        TemplateElement::Expression(e) => {
            check_helper(&e.name)?;
            e.params.iter().chain(e.hash.values()).try_for_each(|p| check_parameter(p, at))
        }
        _ => Ok(()),
    }
}

/// Checks a name in a condition: unlike in an output, Handlebars takes an unknown one for false.
fn check_variable(p: &Parameter, at: &TemplateWalk<'_>) -> Result<(), String> {
    let (Parameter::Path(_), 0, Some(path)) = (p, at.inside, parameter_name(p)) else { return Ok(()) };
    let root = path.split(['.', '/', '[']).next().unwrap_or_default();
    let Some(known) = at.known else { return Ok(()) };
    if root.is_empty() || root.starts_with('@') || root == "this" || known.contains(&root) {
        return Ok(());
    }
    Err(format!("there is no variable {root}; use one of {}", known.join(", ")))
}

fn check_helper(p: &Parameter) -> Result<(), String> {
    match parameter_name(p) {
        Some(name) if HELPERS.contains(&name) => Ok(()),
        Some(name) => Err(format!("there is no helper {name}; use one of {}", HELPERS.join(", "))),
        None => Err("a helper must be called by its name".into()),
    }
}

fn parameter_name(p: &Parameter) -> Option<&str> {
    p.as_name()
}
