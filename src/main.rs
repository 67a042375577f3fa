//! Starts the page.

/// The browser's entry point; natively there is nothing to do.
fn main() {
    #[cfg(target_arch = "wasm32")]
    softphone::mount();
}
