//! A look at the whole vault, and what it found in our words.

use super::{Listing, Repo, Snapshot};
use crate::base::{ErrorKind, Result};
use crate::{mark, t};
use rustic_core::repofile::SnapshotFile;
use rustic_core::{CheckOptions, TreeId};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Findings that are told.
const MOST: usize = 20;

/// What a check found; empty when all is well.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    pub errors: Vec<String>,
    /// Strange and harmless, e.g. what an interrupted run left behind.
    pub warnings: Vec<String>,
    /// So many of the warnings name packs that are damaged and that no snapshot needs.
    pub spare: u64,
    /// Packs are there that are not in the index: what is missing may be in them.
    pub unlisted: bool,
    /// Packs that are in the index are gone, or are not what was written.
    pub lost: bool,
}

impl Repo {
    /// Looks whether everything that is listed is there; `data`: reads all of it too.
    pub fn check(&self, data: bool) -> Result<Findings> {
        self.check_without(&[], data)
    }

    /// As [`Self::check`], and what these snapshots alone need is not looked at.
    pub(in crate::backup::vault) fn check_without(
        &self,
        gone: &[&Snapshot],
        data: bool,
    ) -> Result<Findings> {
        let stage = if data {
            t!("Reading the vault")
        } else {
            t!("Checking the vault")
        };
        self.progress().stage(stage, 0)?;
        let (snapshots, damaged) = self.files_of::<SnapshotFile>()?;
        let trees: Vec<TreeId> = snapshots
            .iter()
            .filter(|(id, _)| gone.iter().all(|s| s.id != id.to_hex().as_str()))
            .map(|(_, file)| file.tree)
            .collect();
        let check = || {
            let trees = trees.clone();
            self.inner.check_with_trees(CheckOptions::default(), trees)
        };
        let checked = catch_unwind(AssertUnwindSafe(check));
        // What is missing or torn is a finding; what cannot be reached is not, nor a disk that is gone.
        match self.watch.take_fault() {
            Some(fault) if !matches!(fault.kind(), ErrorKind::NotFound | ErrorKind::Corrupt) => {
                return Err(fault);
            }
            _ => self.require_vault()?,
        }
        let listing = Listing {
            damaged,
            ..Listing::default()
        };
        let mut findings = Findings {
            errors: listing.told().into_iter().collect(),
            ..Findings::default()
        };
        match checked {
            Err(_) => findings
                .errors
                .push(mark!("the check could not be finished").to_owned()),
            Ok(Err(e)) => {
                tracing::warn!("the check of the vault ended: {}", e.display_log());
                let what = mark!(
                    "a part of the vault is damaged, so that the rest was not looked at; where it \
                            is the index, the next save makes that anew"
                );
                findings.errors.push(what.to_owned());
            }
            Ok(Ok(results)) => {
                let sound = results.is_ok().is_ok();
                // The crate gives neither its findings nor their levels a name.
                let is_unlisted = |finding: String| finding.starts_with("PackNotReferenced");
                let is_lost = |finding: String| {
                    let signs = ["NoPack ", "PackSizeMismatchIndex"];
                    signs.iter().any(|sign| finding.starts_with(sign))
                };
                let named = || results.0.iter().map(|(_, finding)| format!("{finding:?}"));
                findings.unlisted = named().any(is_unlisted);
                findings.lost = named().any(is_lost);
                for (level, finding) in results.0.iter().take(MOST) {
                    let text = told(&format!("{finding:?}"), &format!("{finding}"));
                    if format!("{level:?}") == "Warn" {
                        findings.warnings.push(text);
                    } else {
                        findings.errors.push(text);
                    }
                }
                if !sound && findings.errors.is_empty() {
                    findings
                        .errors
                        .push(mark!("the check found errors").to_owned());
                }
                if data {
                    let trees = (damaged == 0).then_some(&trees[..]);
                    let (needed, spare) = self.by_need(&self.damaged_packs()?, trees)?;
                    let left = MOST.saturating_sub(findings.errors.len());
                    findings.errors.extend(needed.into_iter().take(left));
                    findings.spare = spare.len() as u64;
                    findings.warnings.extend(spare.into_iter().take(MOST));
                }
            }
        }
        if findings.unlisted && !findings.errors.is_empty() {
            let what = mark!(
                "parts that lie in the vault are not in its index; what is missing may be \
                        among them, and the next save lists them again"
            );
            findings.errors.push(what.to_owned());
        }
        Ok(findings)
    }
}

/// A finding, named and described by the crate, for people.
fn told(named: &str, described: &str) -> String {
    if named.starts_with("ErrorCheckingTrees") {
        return mark!("the list of the files of a snapshot is missing or cannot be read")
            .to_owned();
    }
    described.lines().next().unwrap_or("").to_owned()
}
