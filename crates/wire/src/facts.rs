use session::{Accepted, ItemKind};

use crate::ManifestCheck;

/// What a manifest repeats of the items, so that a worker can sort bundles without opening every item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionFacts {
    /// Document type.
    pub document: String,
    /// Level of the verdict.
    pub level: String,
    /// Codes, the deciding one first.
    pub codes: Vec<String>,
    /// Every check.
    pub checks: Vec<ManifestCheck>,
    /// Version of the trust bundle.
    pub trust_version: String,
    /// Pseudonym of the deciding operator; zero when the evidence names none.
    pub operator: [u8; 16],
}

/// Why evidence yields no facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FactsError {
    /// The verdict item is not a verdict.
    #[error("the verdict item does not parse")]
    Verdict,
    /// More items than a session may have, or one too long.
    #[error("evidence over its budget")]
    Budget,
}

/// Reads the facts of an accepted session from its verdict and decision items. Evidence without a verdict yields empty facts.
pub fn session_facts(accepted: &Accepted) -> Result<SessionFacts, FactsError> {
    let mut facts = SessionFacts { document: accepted.document.id().to_owned(), ..SessionFacts::default() };
    facts.operator = operator(accepted).unwrap_or_default();
    let Some(item) = accepted.items.iter().find(|item| item.kind == ItemKind::Verdict) else {
        return Ok(facts);
    };
    let verdict: trust::ChipVerdict = serde_json::from_slice(&item.bytes).map_err(|_| FactsError::Verdict)?;
    facts.level = verdict.level().name().to_owned();
    facts.codes = verdict.codes();
    facts.trust_version = verdict.trust_bundle.version.clone();
    facts.checks = verdict
        .checks
        .iter()
        .map(|check| ManifestCheck { name: check.name.to_string(), state: check.state.name().to_owned() })
        .collect();
    Ok(facts)
}

/// A labelled hash of the operator's name in the decision item: the same person has the same pseudonym in every bundle.
fn operator(accepted: &Accepted) -> Option<[u8; 16]> {
    #[derive(serde::Deserialize)]
    struct Decision {
        operator: String,
    }
    let item = accepted.items.iter().find(|item| item.kind == ItemKind::Decision)?;
    let decision: Decision = serde_json::from_slice(&item.bytes).ok()?;
    Some(crate::layout::short_id(b"eks1.opr", decision.operator.as_bytes()))
}
