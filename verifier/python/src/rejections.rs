//! What is wrong with a proof, as exceptions.

use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use tern_verifier::package::{Class, Refusal};

create_exception!(tern_verifier, Rejected, PyException, "The proof is not accepted; the text says what was expected and what was found.");
create_exception!(tern_verifier, BadKey, Rejected, "The verifying key is not one of a program.");
create_exception!(tern_verifier, NotAProof, Rejected, "The bytes are not a proof of this system.");
create_exception!(tern_verifier, Unsupported, Rejected, "A proof of another version, kind or parameter set, or made with other circuits.");
create_exception!(tern_verifier, Malformed, Rejected, "A proof that is truncated, too long, or encoded wrongly.");
create_exception!(tern_verifier, OtherProgram, Rejected, "A proof of another program.");
create_exception!(tern_verifier, OtherExitCode, Rejected, "The program ended with another exit code.");
create_exception!(tern_verifier, FalseProof, Rejected, "A well-formed proof that does not prove what it claims.");
create_exception!(
    tern_verifier,
    NotABlock,
    Rejected,
    "A proof that holds, of a program whose output is not about a block, or not about a payload request."
);
create_exception!(
    tern_verifier,
    InvalidBlock,
    Rejected,
    "A proof that holds, of the verdict that the block or payload was not shown to be valid."
);
create_exception!(
    tern_verifier,
    OtherRules,
    Rejected,
    "A proof that holds, about a block under other rules, or a payload of another chain or schema."
);
create_exception!(tern_verifier, OtherBlock, Rejected, "A proof that holds, about another block or payload request.");
create_exception!(tern_verifier, OtherState, Rejected, "A proof that holds, about a block that is executed on another state.");

/// The exception for a refusal.
pub fn exception(Refusal { class, reason }: Refusal) -> PyErr {
    match class {
        Class::Key => BadKey::new_err(reason),
        Class::NotAProof => NotAProof::new_err(reason),
        Class::Unsupported => Unsupported::new_err(reason),
        Class::Malformed => Malformed::new_err(reason),
        Class::Program => OtherProgram::new_err(reason),
        Class::ExitCode => OtherExitCode::new_err(reason),
        Class::False => FalseProof::new_err(reason),
        Class::NotABlock => NotABlock::new_err(reason),
        Class::InvalidBlock => InvalidBlock::new_err(reason),
        Class::OtherRules => OtherRules::new_err(reason),
        Class::OtherBlock => OtherBlock::new_err(reason),
        Class::OtherState => OtherState::new_err(reason),
    }
}

/// Adds the exceptions to the module.
pub fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    for class in [
        py.get_type::<Rejected>(),
        py.get_type::<BadKey>(),
        py.get_type::<NotAProof>(),
        py.get_type::<Unsupported>(),
        py.get_type::<Malformed>(),
        py.get_type::<OtherProgram>(),
        py.get_type::<OtherExitCode>(),
        py.get_type::<FalseProof>(),
        py.get_type::<NotABlock>(),
        py.get_type::<InvalidBlock>(),
        py.get_type::<OtherRules>(),
        py.get_type::<OtherBlock>(),
        py.get_type::<OtherState>(),
    ] {
        module.add(class.name()?, class)?;
    }
    Ok(())
}
