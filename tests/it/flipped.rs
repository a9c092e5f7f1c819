//! A bit that flips in a store that was killed: what of it is noticed.

use linekey::store::{Fault, Store};
use sha2::{Digest, Sha256};

use crate::disk::{Disk, Loss};
use crate::office::Office;
use crate::turns::{Before, contents, contents_of};

const FLIPS: u64 = 300;

/// What became of a store with a flipped bit in it.
#[derive(Debug, Default)]
struct Fates {
    /// It says what it said.
    unharmed: u32,
    /// Its last commit is gone, and it was told.
    undone: u32,
    /// It is not opened, or cannot be read.
    refused: u32,
}

#[test]
fn a_bit_that_flips_in_a_store_that_was_killed_undoes_nothing_in_silence() {
    let killed = Killed::new();
    let written: Vec<usize> = (0..killed.bytes.len()).filter(|at| killed.bytes[*at] != 0).collect();
    let anywhere = killed.flip(&written);
    let last: Vec<usize> = (0..killed.bytes.len())
        .filter(|at| killed.earlier.get(*at) != Some(&killed.bytes[*at]))
        .collect();
    let in_last = killed.flip(&last);
    println!("anywhere {anywhere:?}; in what the last commit wrote {in_last:?}");
    assert!(in_last.undone > 0);
}

#[test]
fn a_store_that_was_killed_or_closed_is_whole_and_no_change_is_said_to_be_undone() {
    let killed = Killed::new();
    let disk = Disk::holding(killed.bytes);
    for _ in 0..2 {
        let office = Office::over(disk.clone(), 2);
        assert!(!office.state.store.undone());
        assert!(contents(&office) == killed.whole);
    }
}

/// A store whose process ended in the middle of its life.
struct Killed {
    bytes: Vec<u8>,
    /// Its bytes before its last commit.
    earlier: Vec<u8>,
    /// What it says, and what it said before its last commit.
    whole: String,
    before_last: String,
}

impl Killed {
    fn new() -> Self {
        let before = Before::new();
        let (disk, office) = before.opened();
        let mut administrator = before.administrator(&office);
        let mut rename = |name: &str| {
            let name = serde_json::json!({ "name": name });
            administrator.patch("/api/people/101", name).expect(200);
        };
        (0..20).for_each(|number| rename(&format!("Mira {number}")));
        let (earlier, before_last) = (disk.after(Loss::All), contents(&office));
        rename("Mira for the last time");
        let (bytes, whole) = (disk.after(Loss::All), contents(&office));
        assert!(whole != before_last);
        Self {
            bytes,
            earlier,
            whole,
            before_last,
        }
    }

    /// What becomes of it with a flipped bit in one of these bytes, again and again.
    fn flip(&self, places: &[usize]) -> Fates {
        let mut fates = Fates::default();
        for seed in 0..FLIPS {
            let dice = Sha256::digest(seed.to_le_bytes());
            let thrown = u32::from_le_bytes(dice[..4].try_into().unwrap());
            let place = places[usize::try_from(thrown).unwrap() % places.len()];
            let mut flipped = self.bytes.clone();
            flipped[place] ^= 1 << (dice[8] % 8);
            let opened = std::panic::catch_unwind(|| {
                let store = Store::over(Disk::holding(flipped))?;
                Ok::<_, Fault>((contents_of(&store)?, store.undone()))
            });
            // The flag that names the newest commit's slot: redb looks into both, and finds the newest all the same.
            let flag = place == 9;
            let (expected, count) = match &opened {
                Ok(Ok((_, true))) if flag => (&self.whole, &mut fates.undone),
                Ok(Ok((_, false))) => (&self.whole, &mut fates.unharmed),
                Ok(Ok((_, true))) => (&self.before_last, &mut fates.undone),
                Ok(Err(_)) | Err(_) => {
                    fates.refused += 1;
                    continue;
                }
            };
            *count += 1;
            let says = opened.unwrap().unwrap().0;
            assert!(says == *expected, "seed {seed}: bit {} of byte {place}", dice[8] % 8);
        }
        fates
    }
}
