//! How much a vault takes and what each snapshot has of it; and making room.

use super::Repo;
use crate::backup::vault::Snapshot;
use crate::backup::vault::retention::Weights;
use crate::base::{Error, Result};
use crate::t;
use rustic_core::repofile::NodeType;
use rustic_core::{
    BlobId, DataId, IndexedFullStatus, LimitOption, PruneOptions, Repository, RusticResult, TreeId,
};
use std::collections::HashSet;

/// Where its files are, but for a few small ones.
const FOLDERS: [&str; 4] = ["data", "index", "snapshots", "keys"];
/// Percent that may stay unused, because making room for little costs much traffic.
const MOST_UNUSED: u64 = 5;

impl Repo {
    /// Bytes of all its files.
    pub fn used(&self) -> Result<u64> {
        let size = |folder: &&str| {
            let files = self.watch.patiently(|| self.place.list(folder))?;
            Ok(files.iter().map(|file| file.size).sum::<u64>())
        };
        FOLDERS.iter().map(size).sum()
    }

    /// What each of these has that only it and those before it in `order` have. Those that are not
    /// in it stay.
    pub(in crate::backup::vault) fn weigh(
        &self,
        snapshots: &[Snapshot],
        order: &[usize],
    ) -> Result<Weights> {
        let used = self.used()?;
        self.progress().stage(t!("Measuring the snapshots"), 0)?;
        let mut own = vec![0; snapshots.len()];
        let stay = (0..snapshots.len()).filter(|at| !order.contains(at));
        let first_stays: Vec<usize> = stay.chain(order.iter().rev().copied()).collect();
        let needed: Result<u64> = self.call(|| {
            let indexed = self.again()?.to_indexed()?;
            let mut known = Known::default();
            for at in first_stays {
                let ids = [&snapshots[at].id];
                for file in indexed.get_snapshots(&ids)? {
                    own[at] += known.add(&indexed, file.tree)?;
                }
            }
            Ok(own.iter().sum())
        });
        let listed = self.call(|| self.inner.infos_index())?;
        let listed: u64 = listed.blobs.iter().map(|kind| kind.size).sum();
        Ok(Weights {
            used,
            waste: listed.saturating_sub(needed?),
            own,
        })
    }

    /// Takes snapshots out of the list, and then what no other one needs; of that `unused` bytes may
    /// stay. As the only writer.
    pub(in crate::backup::vault) fn remove(
        &self,
        snapshots: &[&Snapshot],
        unused: Option<u64>,
    ) -> Result<()> {
        if !snapshots.is_empty() {
            self.progress().stage(t!("Forgetting snapshots"), 0)?;
            self.unlist(snapshots)?;
        }
        self.prune(unused)
    }

    /// Takes snapshots out of the list; what they hold stays. As the only writer.
    pub(in crate::backup::vault) fn unlist(&self, snapshots: &[&Snapshot]) -> Result<()> {
        let ids: Vec<_> = snapshots.iter().filter_map(|s| s.id.parse().ok()).collect();
        if ids.len() != snapshots.len() {
            return Err(Error::bug("a snapshot has no id"));
        }
        self.call(|| self.inner.delete_snapshots(&ids))
    }

    fn prune(&self, unused: Option<u64>) -> Result<()> {
        self.progress().stage(t!("Making room in the vault"), 0)?;
        let mut options = PruneOptions::default()
            .instant_delete(true)
            .max_unused(LimitOption::Percentage(MOST_UNUSED));
        if let Some(unused) = unused {
            let most = self.used()? / 100 * MOST_UNUSED;
            let limit = format!("{}b", unused.min(most)).parse();
            let limit: LimitOption =
                limit.map_err(|_| Error::bug("a size of the vault is not understood"))?;
            options = options
                .max_unused(limit)
                .max_repack(LimitOption::Unlimited)
                .no_resize(true);
        }
        self.call(|| {
            let plan = self.inner.prune_plan(&options)?;
            self.inner.prune(&options, plan)
        })?;
        self.watch.take_fault().map_or(Ok(()), Err)
    }
}

/// What the snapshots that were looked at hold.
#[derive(Default)]
pub(super) struct Known {
    trees: HashSet<TreeId>,
    parts: HashSet<BlobId>,
}

impl Known {
    /// Whether it is a list or a part of one of them.
    pub(super) fn has(&self, id: BlobId) -> bool {
        self.parts.contains(&id) || self.trees.contains(&TreeId::from(*id))
    }

    /// Bytes of what is below `root` and was not known.
    pub(super) fn add(
        &mut self,
        vault: &Repository<IndexedFullStatus>,
        root: TreeId,
    ) -> RusticResult<u64> {
        let mut bytes = 0;
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            if !self.trees.insert(id) {
                continue;
            }
            bytes += u64::from(vault.get_index_entry(&id)?.location.length);
            for node in vault.get_tree(&id)?.nodes {
                if matches!(node.node_type, NodeType::Dir) {
                    open.extend(node.subtree);
                }
                for part in node.content.iter().flatten() {
                    bytes += self.add_part(vault, *part)?;
                }
            }
        }
        Ok(bytes)
    }

    fn add_part(
        &mut self,
        vault: &Repository<IndexedFullStatus>,
        part: DataId,
    ) -> RusticResult<u64> {
        if !self.parts.insert(BlobId::from(*part)) {
            return Ok(0);
        }
        Ok(u64::from(vault.get_index_entry(&part)?.location.length))
    }
}
