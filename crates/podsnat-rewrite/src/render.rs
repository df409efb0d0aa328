//! Ways to show a plan.

mod full;

pub use self::full::full;
