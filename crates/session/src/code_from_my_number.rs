//! Which code speaks for which failure of a My Number card's reading.

use chip::my_number::{FieldError, FieldProblem, InspectError};

use crate::code::{Failure, FailureCode};

impl From<InspectError> for Failure {
    fn from(error: InspectError) -> Self {
        match error {
            InspectError::NoApplication(_) => FailureCode::CardUnknown.into(),
            InspectError::Secret { source, .. } => source.into(),
            InspectError::ReadFile { source, .. } => source.into(),
            InspectError::Face(error) => error.into(),
            InspectError::IndividualNumber { .. } => FailureCode::MyNumberRedaction.into(),
            InspectError::Random(_) => FailureCode::RandomUnavailable.into(),
            InspectError::Transport(error) => error.into(),
        }
    }
}

impl From<FieldError> for Failure {
    fn from(error: FieldError) -> Self {
        match error.problem {
            FieldProblem::Tlv(error) => error.into(),
            FieldProblem::Missing
            | FieldProblem::Repeated
            | FieldProblem::Length { .. }
            | FieldProblem::Text
            | FieldProblem::Date
            | FieldProblem::Key => FailureCode::TlvInvalid.into(),
        }
    }
}
