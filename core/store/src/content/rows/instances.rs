//! The ids of component instances in a value.

use crate::namespaces;
use crate::{Result, WriteTx};
use cairn_model::{Instance, Value};

impl namespaces::Documents<&mut WriteTx<'_>> {
    /// Gives every component instance in a value, which is a copy of another version's, a new id.
    pub fn renumber_instances(&self, value: &mut Value) -> Result<()> {
        each_instance(value, &mut |i| {
            i.origin = i.lineage();
            i.id = Some(self.tx.next_instance()?);
            Ok(())
        })
    }

    /// Gives every component instance without an id one.
    pub fn number_instances(&self, value: &mut Value) -> Result<()> {
        each_instance(value, &mut |i| {
            if i.id.is_none() {
                i.id = Some(self.tx.next_instance()?);
            }
            Ok(())
        })
    }
}

fn each_instance(value: &mut Value, f: &mut impl FnMut(&mut Instance) -> Result<()>) -> Result<()> {
    let mut visit = |i: &mut Instance| {
        f(i)?;
        i.values.iter_mut().try_for_each(|v| each_instance(v, &mut *f))
    };
    match value {
        Value::Instance(i) => visit(i),
        Value::Instances(list) => list.iter_mut().try_for_each(visit),
        _ => Ok(()),
    }
}
