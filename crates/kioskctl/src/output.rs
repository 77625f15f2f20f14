//! Answers on standard output, messages on standard error, and the exit status.

use std::io::Write;
use std::process::ExitCode;

use serde_json::Value;

/// How a command ended; the exit status says it to scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done; a verdict, where there is one, is not negative.
    Verified,
    /// Done, and the verdict is negative.
    Negative,
}

/// Why a command did not come to an answer.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The arguments do not make sense together.
    #[error("{0}")]
    Usage(String),
    /// The work could not be completed: no reader, no file, no network.
    #[error("{message}")]
    Incomplete { code: String, message: String },
}

impl CommandError {
    pub fn incomplete(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Incomplete { code: code.into(), message: message.into() }
    }

    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::incomplete("FILE_UNREADABLE", format!("{}: {error}", path.display()))
    }
}

/// An answer for both kinds of readers.
pub struct Answer {
    pub outcome: Outcome,
    pub json: Value,
    pub text: String,
}

/// Prints the answer or the message, and gives the exit status.
pub fn finish(result: Result<Answer, CommandError>, json: bool) -> ExitCode {
    match result {
        Ok(answer) => {
            let body = if json { format!("{:#}", answer.json) } else { answer.text };
            // A closed pipe is the reader's choice, not a failure of the command.
            let _ = writeln!(std::io::stdout().lock(), "{}", body.trim_end());
            match answer.outcome {
                Outcome::Verified => ExitCode::SUCCESS,
                Outcome::Negative => ExitCode::from(1),
            }
        }
        Err(CommandError::Usage(message)) => {
            eprintln!("kioskctl: {message}");
            ExitCode::from(2)
        }
        Err(CommandError::Incomplete { code, message }) => {
            eprintln!("kioskctl: {message} ({code})");
            if json {
                let _ = writeln!(
                    std::io::stdout().lock(),
                    "{:#}",
                    serde_json::json!({ "error": code, "message": message })
                );
            }
            ExitCode::from(3)
        }
    }
}
