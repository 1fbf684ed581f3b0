#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = tern_verifier_fuzz::final_proof(data);
});
