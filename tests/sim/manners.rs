//! The manners of the twenty phones: some are fixed, so that each is there on every day, and the rest is thrown.

use crate::dice::Dice;
use crate::phone::{Manner, Via};

pub(crate) fn manner(number: usize, dice: &mut Dice) -> Manner {
    let plain = Manner {
        via: match number % 5 {
            0 | 1 | 3 => Via::Udp,
            2 => Via::Tcp,
            _ => Via::Tls,
        },
        rport: true,
        instance: dice.permille(600),
        expires: *dice.pick(&[60, 120, 300, 600, 3_600]),
        forgets_nonces: dice.permille(300),
        ignores_min_expires: false,
        options: *dice.pick(&[Some(200), Some(404), Some(486), None]),
        greedy: false,
        forwards_to: None,
        reliable: dice.permille(300),
        refreshes: dice.permille(300),
        declines: 100,
        absent: 80,
    };
    match number {
        // Behind a router, and with the same private address there.
        3 | 5 | 13 => Manner { rport: false, ..plain },
        6 => Manner {
            greedy: true,
            forgets_nonces: true,
            ..plain
        },
        8 => Manner {
            expires: 30,
            ignores_min_expires: true,
            ..plain
        },
        // 110 is at home and forwards to 111, who forwards to 101.
        9 => Manner {
            forwards_to: Some("111".to_owned()),
            ..plain
        },
        10 => Manner {
            forwards_to: Some("101".to_owned()),
            ..plain
        },
        // 112 and nobody else hears of its calls.
        11 => Manner { declines: 600, ..plain },
        15 => Manner { absent: 900, ..plain },
        _ => plain,
    }
}
