//! Pure numerics: slices and matrices in, result structs out. Imports nothing of the crate.
