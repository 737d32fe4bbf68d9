#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| trialbook_fuzz::read("x.sas7bdat", bytes));
