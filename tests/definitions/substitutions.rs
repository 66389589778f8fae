//! `${Name}` in definitions, and the template's values for them.

use std::collections::BTreeSet;

use super::findings::Findings;
use super::machine::{Machine, machines};
use super::template::Template;

#[test]
fn the_template_supplies_exactly_what_a_definition_uses() {
    let template = Template::read();
    let mut findings = Findings::default();
    for machine in &machines() {
        let supplied = template.state_machine(&machine.file)["DefinitionSubstitutions"].as_object().unwrap();
        let supplied: BTreeSet<&str> = supplied.keys().map(String::as_str).collect();
        let used = used(machine);
        for name in used.difference(&supplied) {
            findings.add(
                machine,
                format_args!("uses ${{{name}}}; supply it in its DefinitionSubstitutions in template.yaml"),
            );
        }
        for name in supplied.difference(&used) {
            findings.add(machine, format_args!("does not use ${{{name}}}; remove it from template.yaml"));
        }
    }
    findings.assert_none();
}

#[test]
fn names_are_found_inside_of_longer_texts() {
    let machine = Machine::of("toy.asl.json", r#"{"A": "${One}", "B": "{% $number('${Two}') & '${One}' %} $"}"#);
    assert_eq!(Vec::from_iter(used(&machine)), ["One", "Two"]);
}

fn used(machine: &Machine) -> BTreeSet<&str> {
    let parts = machine.text.split("${").skip(1);
    parts.filter_map(|part| Some(part.split_once('}')?.0)).collect()
}
