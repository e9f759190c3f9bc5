//! The contract's `documents`: reading the ERP document, and edits through [`crossdock_flow::edit::DocumentEditor`].

use crate::{
    bindings::{TheDocument, documents as wit, types},
    call::{Call, Subject, own},
    convert::{self, cut},
    meter::{EDIT, Stop},
};
use crossdock_flow::{
    Document,
    edit::{DocumentEditor, Refusal},
    order::{Value, find},
};
use wasmtime::{Error, Result, component::Resource};

type Edit = Result<Result<(), types::EditError>>;

impl Call {
    fn editor(&mut self, handle: &Resource<TheDocument>) -> Result<&mut DocumentEditor> {
        own(handle)?;
        match &mut self.subject {
            Subject::Document(_, editor) => Ok(editor),
            _ => Err(Error::new(Stop::Handle)),
        }
    }

    /// Reads something of the document and counts its weight.
    fn read_document<T>(&mut self, handle: &Resource<TheDocument>, read: impl FnOnce(&Document) -> Result<(T, usize)>) -> Result<T> {
        let (answer, weight) = read(self.editor(handle)?.document())?;
        self.meter.charge(weight)?;
        Ok(answer)
    }

    fn edit_document(
        &mut self,
        handle: &Resource<TheDocument>,
        weight: usize,
        edit: impl FnOnce(&mut DocumentEditor) -> Result<(), Refusal>,
    ) -> Edit {
        self.meter.charge(weight)?;
        Ok(edit(self.editor(handle)?).map_err(convert::refusal))
    }
}

impl wit::Host for Call {}

impl wit::HostDocument for Call {
    fn key(&mut self, this: Resource<TheDocument>) -> Result<String> {
        self.read_document(&this, |document| Ok((document.key.clone(), document.key.len())))
    }

    fn warehouse(&mut self, this: Resource<TheDocument>) -> Result<String> {
        self.read_document(&this, |document| Ok((document.warehouse.clone(), document.warehouse.len())))
    }

    fn fields(&mut self, this: Resource<TheDocument>) -> Result<Vec<types::Field>> {
        self.read_document(&this, |document| Ok((convert::fields(&document.fields)?, convert::weigh_fields(&document.fields))))
    }

    fn field(&mut self, this: Resource<TheDocument>, name: String) -> Result<Option<types::Value>> {
        self.read_document(&this, |document| {
            let found = find(&document.fields, &name);
            Ok((found.map(convert::value).transpose()?, name.len() + found.map_or(0, convert::weigh_value)))
        })
    }

    fn line_count(&mut self, this: Resource<TheDocument>) -> Result<u32> {
        self.read_document(&this, |document| Ok((u32::try_from(document.lines.len())?, 4)))
    }

    fn line_fields(&mut self, this: Resource<TheDocument>, line: u32) -> Result<Vec<types::Field>> {
        self.read_document(&this, |document| {
            let fields = document.lines.get(line as usize).map_or(&[][..], Vec::as_slice);
            Ok((convert::fields(fields)?, convert::weigh_fields(fields)))
        })
    }

    fn column(&mut self, this: Resource<TheDocument>, name: String) -> Result<Vec<types::Value>> {
        self.read_document(&this, |document| {
            let cells = document.lines.iter().map(|fields| find(fields, &name).unwrap_or(&Value::Empty));
            let weight = cells.clone().map(convert::weigh_value).sum::<usize>();
            Ok((cells.map(convert::value).collect::<Result<_>>()?, name.len() + weight))
        })
    }

    fn set_field(&mut self, this: Resource<TheDocument>, name: String, value: types::Value, reason: String) -> Edit {
        let weight = EDIT + name.len() + reason.len() + convert::weigh_read(&value);
        let value = match convert::read_value(&name, value) {
            Ok(value) => value,
            Err(refused) => return self.meter.charge(weight).map(|()| Err(refused)),
        };
        self.edit_document(&this, weight, |editor| editor.set_field(&name, value, cut(&reason)))
    }

    fn set_line_field(&mut self, this: Resource<TheDocument>, line: u32, name: String, value: types::Value, reason: String) -> Edit {
        let weight = EDIT + name.len() + reason.len() + convert::weigh_read(&value);
        let value = match convert::read_value(&name, value) {
            Ok(value) => value,
            Err(refused) => return self.meter.charge(weight).map(|()| Err(refused)),
        };
        self.edit_document(&this, weight, |editor| editor.set_line_field(line, &name, value, cut(&reason)))
    }

    fn set_column(&mut self, this: Resource<TheDocument>, name: String, values: Vec<types::Value>, reason: String) -> Edit {
        let weight = name.len() + reason.len() + values.iter().map(|value| EDIT + convert::weigh_read(value)).sum::<usize>();
        let values = match values.into_iter().map(|value| convert::read_value(&name, value)).collect() {
            Ok(values) => values,
            Err(refused) => return self.meter.charge(weight).map(|()| Err(refused)),
        };
        self.edit_document(&this, weight, |editor| editor.set_column(&name, values, cut(&reason)))
    }

    fn drop(&mut self, _: Resource<TheDocument>) -> Result<()> {
        Ok(())
    }
}
