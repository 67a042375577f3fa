//! The order of the code's functions is nobody's matter but the compression's: it finds more
//! to repeat where alike stands beside alike. Functions of one type that also begin alike
//! come one after the other, which takes more than one per cent off the download.

use std::{convert::Infallible, fs, path::Path};

use anyhow::{Context as _, Result, anyhow};
use wasm_encoder::{
    CodeSection, FunctionSection, Module,
    reencode::{Error, Reencode},
};
use wasmparser::{CodeSectionReader, CustomSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

/// Puts the functions of a built page's code into that order.
pub(super) fn sort(page: &Path) -> Result<()> {
    let file = super::only_file(page, "_bg.wasm")?;
    let code = fs::read(&file).with_context(|| format!("can't read {}", file.display()))?;
    let sorted = sorted(&code).with_context(|| format!("can't sort the functions of {}", file.display()))?;
    fs::write(&file, sorted).with_context(|| format!("can't write {}", file.display()))
}

fn sorted(code: &[u8]) -> Result<Vec<u8>> {
    let mut order = Order::of(code)?;
    let mut module = Module::new();
    let written = order.parse_core_module(&mut module, Parser::new(0), code);
    written.map_err(|error| anyhow!("{error}"))?;
    Ok(module.finish())
}

/// Which of the module's own functions stands where. Imported ones come before them and stay.
#[derive(Debug, Default)]
struct Order {
    imported: u32,
    /// By new place, the old one.
    old: Vec<usize>,
    /// By old place, the new one.
    new: Vec<u32>,
}

impl Order {
    fn of(code: &[u8]) -> Result<Self> {
        let mut order = Self::default();
        let (mut types, mut bodies) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(code) {
            let payload = payload?;
            if let Payload::ImportSection(imports) = payload {
                for import in imports.into_imports() {
                    let is_function = matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_));
                    order.imported += u32::from(is_function);
                }
            } else if let Payload::FunctionSection(section) = payload {
                types = section.into_iter().collect::<Result<_, _>>()?;
            } else if let Payload::CodeSectionEntry(body) = payload {
                bodies.push(body.as_bytes());
            }
        }
        let functions: Vec<(u32, &[u8])> = types.into_iter().zip(bodies).collect();
        order.old = (0..functions.len()).collect();
        order.old.sort_by_key(|old| functions.get(*old));
        order.new = vec![0; functions.len()];
        for (new, old) in (0..).zip(&order.old) {
            if let Some(place) = order.new.get_mut(*old) {
                *place = new;
            }
        }
        Ok(order)
    }

    /// Things in their old order, in the new one.
    fn of_all<Thing: Clone>(&self, things: &[Thing]) -> Vec<Thing> {
        self.old.iter().filter_map(|old| things.get(*old).cloned()).collect()
    }
}

impl Reencode for Order {
    type Error = Infallible;

    /// Who made it, and with what: no browser reads that.
    fn parse_custom_section(&mut self, _: &mut Module, _: CustomSectionReader<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        let own = function.checked_sub(self.imported).and_then(|own| self.new.get(own as usize));
        Ok(own.map_or(function, |new| self.imported + new))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        let types: Vec<u32> = section.into_iter().collect::<Result<_, _>>()?;
        for of_function in self.of_all(&types) {
            functions.function(self.type_index(of_function)?);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        let bodies: Vec<_> = section.into_iter().collect::<Result<_, _>>()?;
        for body in self.of_all(&bodies) {
            self.parse_function_body(code, body)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
        FunctionSection, ImportSection, Module, TableSection, TableType, TypeSection, ValType,
    };
    use wasmparser::{ElementItems, Operator, Parser, Payload};

    use super::sorted;

    /// Exports by name, as the numbers that they give and whom they call; and the table.
    #[derive(Debug, PartialEq)]
    struct Seen {
        exports: Vec<(String, i32, Option<u32>)>,
        table: Vec<i32>,
        types: Vec<u32>,
    }

    /// An imported function, and three of their own that each give a number: the last calls
    /// the first of them.
    fn module() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I32]);
        types.ty().function([ValType::I64], [ValType::I32]);
        let mut imports = ImportSection::new();
        imports.import("a", "b", EntityType::Function(0));
        let mut functions = FunctionSection::new();
        for of_function in [1, 0, 0] {
            functions.function(of_function);
        }
        let mut tables = TableSection::new();
        tables.table(TableType {
            element_type: wasm_encoder::RefType::FUNCREF,
            table64: false,
            minimum: 2,
            maximum: None,
            shared: false,
        });
        let mut exports = ExportSection::new();
        for (name, function) in [("one", 1), ("two", 2), ("three", 3)] {
            exports.export(name, ExportKind::Func, function);
        }
        let mut elements = ElementSection::new();
        elements.active(None, &ConstExpr::i32_const(0), Elements::Functions([3, 1][..].into()));
        let mut code = CodeSection::new();
        for (number, calls) in [(10, None), (30, None), (20, Some(1))] {
            let mut function = Function::new([]);
            let mut body = function.instructions();
            if let Some(calls) = calls {
                body.i64_const(0).call(calls).drop();
            }
            body.i32_const(number).end();
            code.function(&function);
        }
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&tables);
        module.section(&exports).section(&elements).section(&code);
        module.finish()
    }

    fn seen(code: &[u8]) -> Seen {
        let (mut exported, mut elements, mut own) = (Vec::new(), Vec::new(), Vec::new());
        let mut types = Vec::new();
        for payload in Parser::new(0).parse_all(code) {
            let payload = payload.unwrap();
            if let Payload::FunctionSection(section) = payload {
                types = section.into_iter().map(Result::unwrap).collect();
            } else if let Payload::ExportSection(section) = payload {
                exported = section.into_iter().map(Result::unwrap).collect();
            } else if let Payload::ElementSection(section) = payload {
                for element in section {
                    if let ElementItems::Functions(items) = element.unwrap().items {
                        elements = items.into_iter().map(Result::unwrap).collect();
                    }
                }
            } else if let Payload::CodeSectionEntry(body) = payload {
                let (mut number, mut calls) = (0, None);
                for operator in body.get_operators_reader().unwrap() {
                    let operator = operator.unwrap();
                    if let Operator::I32Const { value } = operator {
                        number = value;
                    } else if let Operator::Call { function_index } = operator {
                        calls = Some(function_index);
                    }
                }
                own.push((number, calls));
            }
        }
        // The first is imported.
        let body = |function: u32| own[function as usize - 1];
        Seen {
            exports: exported
                .into_iter()
                .map(|export| {
                    let (number, calls) = body(export.index);
                    (export.name.to_owned(), number, calls.map(|calls| body(calls).0.unsigned_abs()))
                })
                .collect(),
            table: elements.into_iter().map(|function| body(function).0).collect(),
            types,
        }
    }

    #[test]
    fn functions_move_and_whoever_names_them_still_means_them() {
        let before = seen(&module());
        let after = seen(&sorted(&module()).unwrap());
        assert_eq!((&before.types[..], &after.types[..]), (&[1, 0, 0][..], &[0, 0, 1][..]));
        assert_eq!(before.exports, after.exports);
        assert_eq!(after.exports[2], ("three".to_owned(), 20, Some(10)));
        assert_eq!((before.table, after.table), (vec![20, 10], vec![20, 10]));
    }

    #[test]
    fn what_is_no_code_is_refused() {
        assert!(sorted(b"<!doctype html>").is_err());
    }
}
