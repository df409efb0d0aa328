//! What the fuzz targets check of each input.

pub(crate) mod line;
pub(crate) mod text;
