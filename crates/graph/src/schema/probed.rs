//! Collections that clients read and that are always empty here: navigation properties that lead to nothing in
//! particular.

use super::{Navigation, Type, TypeKind};

/// Adds each path's navigation properties, and a type for each step on the way that has none.
pub(super) fn add(types: &mut Vec<Type>, paths: &[&str]) {
    for path in paths {
        let mut steps = path.split('/').peekable();
        let Some(mut at) = steps.next().map(str::to_owned) else {
            continue;
        };
        while let Some(step) = steps.next() {
            let is_last = steps.peek().is_none();
            at = add_step(types, &at, step, is_last);
        }
    }
}

/// Gives the type to which the step leads.
fn add_step(types: &mut Vec<Type>, owner: &str, step: &str, is_last: bool) -> String {
    let index = types
        .iter()
        .position(|found| found.name.eq_ignore_ascii_case(owner))
        .unwrap_or_else(|| {
            types.push(node(owner));
            types.len() - 1
        });
    let navigations = &mut types[index].navigations;
    if let Some(found) = navigations.iter().find(|found| found.name == step) {
        return found.target.clone();
    }
    let target = if is_last {
        "entity".to_owned()
    } else {
        format!("{step}Root")
    };
    navigations.push(Navigation {
        name: step.to_owned(),
        target: target.clone(),
        collection: is_last,
        contained: true,
        beta: false,
    });
    target
}

fn node(name: &str) -> Type {
    Type {
        name: name.to_owned(),
        kind: TypeKind::Entity,
        base: Some("entity".to_owned()),
        is_abstract: false,
        properties: Vec::new(),
        navigations: Vec::new(),
        actions: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_three_steps_has_a_type_in_the_middle() {
        let mut types = vec![node("entity")];
        add(
            &mut types,
            &["identity/conditionalAccess/policies", "identity/others"],
        );
        let names: Vec<&str> = types.iter().map(Type::name).collect();
        assert_eq!(names, ["entity", "identity", "conditionalAccessRoot"]);
        assert_eq!(types[1].navigations.len(), 2);
        assert_eq!(types[1].navigations[0].target, "conditionalAccessRoot");
        assert_eq!(types[2].navigations[0].target, "entity");
        assert!(types[2].navigations[0].collection);
    }
}
