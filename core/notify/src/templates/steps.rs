//! Limits the work of a template. Handlebars by itself would run for hours over a list within a list without output; here each pass of a
//! loop, and each comparison of a long text, is counted.

use handlebars::template::TemplateElement;
use handlebars::{
    BlockContext, BlockParams, Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext,
    RenderError, RenderErrorReason, Renderable, ScopedJson, Template,
};
use serde_json::{Value as Json, json};
use std::cell::Cell;
use std::cmp::Ordering;

/// Largest number of elements that are rendered: a few hundredths of a second.
const MAX_STEPS: usize = 100_000;
/// Number of bytes of a text whose comparison takes about as long as an element.
const BYTES_PER_STEP: usize = 256;

thread_local! {
    /// Remaining steps for the template that is rendered on this thread.
    static LEFT: Cell<usize> = const { Cell::new(0) };
}

/// Resets the steps before a part of a template is rendered on this thread.
pub(super) fn reset_budget() {
    LEFT.set(MAX_STEPS);
}

fn charge_steps(steps: usize) -> Result<(), RenderError> {
    match LEFT.get().checked_sub(steps) {
        Some(remaining) => {
            LEFT.set(remaining);
            Ok(())
        }
        None => {
            // The loops around this one have to end as well.
            LEFT.set(0);
            Err(helper_error(format!("its loops take more than {MAX_STEPS} steps")))
        }
    }
}

pub(super) fn helper_error(message: impl Into<String>) -> RenderError {
    RenderErrorReason::Other(message.into()).into()
}

/// Replaces the helpers of Handlebars by counted ones.
pub(super) fn register_helpers(registry: &mut Handlebars<'static>) {
    registry.register_helper("each", Box::new(EachHelper));
    registry.register_helper("lookup", Box::new(LookupHelper));
    type Fits = fn(Ordering) -> bool;
    let compare: [(&str, Fits); 4] =
        [("gt", Ordering::is_gt), ("gte", Ordering::is_ge), ("lt", Ordering::is_lt), ("lte", Ordering::is_le)];
    for (name, holds) in compare {
        registry.register_helper(name, Box::new(CompareHelper { same: None, holds }));
    }
    for (name, same) in [("eq", true), ("ne", false)] {
        registry.register_helper(name, Box::new(CompareHelper { same: Some(same), holds: Ordering::is_eq }));
    }
}

/// Number of elements of a template, those in its blocks included.
fn count_elements(template: &Template) -> usize {
    let one = |element: &TemplateElement| match element {
        TemplateElement::HelperBlock(block) => {
            1 + block.template.iter().chain(&block.inverse).map(count_elements).sum::<usize>()
        }
        _ => 1,
    };
    template.elements.iter().map(one).sum()
}

/// `{{#each name}}…{{else}}…{{/each}}`, with `@index`, `@key`, `@first`, `@last` and `as |value key|`.
struct EachHelper;

impl HelperDef for EachHelper {
    fn call<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        r: &'reg Handlebars<'reg>,
        ctx: &'rc Context,
        rc: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let over = h.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("each", 0))?;
        let Some(template) = h.template() else { return Ok(()) };
        let keys: Vec<Json> = match over.value() {
            Json::Array(list) => (0..list.len()).map(Json::from).collect(),
            Json::Object(map) => map.keys().map(|key| key.as_str().into()).collect(),
            Json::Null if over.is_value_missing() => {
                return Err(RenderErrorReason::MissingVariable(over.relative_path().cloned()).into());
            }
            _ => Vec::new(),
        };
        if keys.is_empty() {
            return h.inverse().map_or(Ok(()), |inverse| inverse.render(r, ctx, rc, out));
        }
        let base = over.context_path().ok_or_else(|| helper_error("each needs the name of a list"))?;
        charge_steps(keys.len().saturating_mul(1 + count_elements(template)))?;
        rc.push_block(BlockContext::new());
        let last_index = keys.len() - 1;
        for (i, key) in keys.iter().enumerate() {
            let step = key.as_str().map_or_else(|| i.to_string(), str::to_owned);
            let path: Vec<String> = base.iter().cloned().chain([step]).collect();
            if let Some(block) = rc.block_mut() {
                block.set_local_var("first", (i == 0).into());
                block.set_local_var("last", (i == last_index).into());
                block.set_local_var("index", i.into());
                if key.is_string() {
                    block.set_local_var("key", key.clone());
                }
                // Paths of names begin at the block's own.
                let mut params = BlockParams::new();
                if let Some(value) = h.block_param() {
                    params.add_path(value, Vec::new())?;
                } else if let Some((value, name)) = h.block_param_pair() {
                    params.add_path(value, Vec::new())?;
                    params.add_value(name, key.clone())?;
                }
                block.set_block_params(params);
                *block.base_path_mut() = path;
            }
            template.render(r, ctx, rc, out)?;
        }
        rc.pop_block();
        Ok(())
    }
}

/// `(lookup list index)`, for texts, numbers and booleans: a copy of other values could be large.
struct LookupHelper;

impl HelperDef for LookupHelper {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let among = h.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("lookup", 0))?;
        let index = h.param(1).ok_or(RenderErrorReason::ParamNotFoundForIndex("lookup", 1))?;
        let found = match among.value() {
            Json::Array(list) => index.value().as_u64().and_then(|i| list.get(usize::try_from(i).ok()?)),
            Json::Object(map) => index.value().as_str().and_then(|key| map.get(key)),
            _ => None,
        };
        match found {
            None => Err(RenderErrorReason::MissingVariable(among.relative_path().cloned()).into()),
            Some(Json::Array(_) | Json::Object(_)) => {
                Err(helper_error("lookup must return a text, a number or a boolean, not a list or an object"))
            }
            Some(found) => {
                charge_steps(comparison_cost(found))?;
                Ok(ScopedJson::Derived(found.clone()))
            }
        }
    }
}

/// `eq`, `ne` (`same`), `gt`, `gte`, `lt`, `lte`, as helpers or as blocks.
struct CompareHelper {
    same: Option<bool>,
    holds: fn(Ordering) -> bool,
}

impl CompareHelper {
    fn compare_parameters(&self, h: &Helper<'_>, strict: bool) -> Result<bool, RenderError> {
        let side = |i: usize| {
            let param = h.param(i).filter(|p| !(strict && p.is_value_missing()));
            param.map(|p| p.value()).ok_or_else(|| helper_error("a comparison needs two values"))
        };
        let (a, b) = (side(0)?, side(1)?);
        charge_steps(comparison_cost(a).min(comparison_cost(b)))?;
        let order = match (a, b) {
            (Json::Number(x), Json::Number(y)) => match (x.as_i64(), y.as_i64()) {
                (Some(x), Some(y)) => Some(x.cmp(&y)),
                _ => x.as_f64().zip(y.as_f64()).and_then(|(x, y)| x.partial_cmp(&y)),
            },
            (Json::String(x), Json::String(y)) => Some(x.cmp(y)),
            (Json::Bool(x), Json::Bool(y)) => Some(x.cmp(y)),
            (Json::Null, Json::Null) => Some(Ordering::Equal),
            _ => None,
        };
        Ok(match self.same {
            Some(same) => order.is_some_and(Ordering::is_eq) == same,
            None => order.is_some_and(self.holds),
        })
    }
}

impl HelperDef for CompareHelper {
    fn call<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        r: &'reg Handlebars<'reg>,
        ctx: &'rc Context,
        rc: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let holds = self.compare_parameters(h, r.strict_mode())?;
        if !h.is_block() {
            return out.write(if holds { "true" } else { "false" }).map_err(|e| helper_error(e.to_string()));
        }
        let template = if holds { h.template() } else { h.inverse() };
        template.map_or(Ok(()), |template| template.render(r, ctx, rc, out))
    }

    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        r: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        Ok(ScopedJson::Derived(json!(self.compare_parameters(h, r.strict_mode())?)))
    }
}

fn comparison_cost(value: &Json) -> usize {
    1 + value.as_str().map_or(0, |text| text.len() / BYTES_PER_STEP)
}
