//! Links the program so that it starts fast: what happens before `main` takes longer than all that podsnat does with a
//! small ruleset.
//!
//! - The unwinder is linked in, so that there is no `libgcc_s.so` to load. rustc asks the linker for `gcc_s`; a linker
//!   script of that name, found before the library, gives it the archive that comes with gcc.
//! - The program has a fixed address, so that the tables of extensions, which are full of pointers, need not be written
//!   to and copied page by page at each start.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    let is_native = env::var_os("HOST") == env::var_os("TARGET");
    let is_glibc =
        env::var("CARGO_CFG_TARGET_ENV")? == "gnu" && env::var("CARGO_CFG_TARGET_OS")? == "linux";
    if is_native && is_glibc && has_archive() {
        let dir = PathBuf::from(env::var("OUT_DIR")?);
        fs::write(dir.join("libgcc_s.so"), "INPUT(-lgcc_eh)\n")?;
        println!("cargo:rustc-link-search=native={}", dir.display());
    }
    if is_glibc {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
    Ok(())
}

/// Whether the linker will find the archive.
fn has_archive() -> bool {
    let asked = Command::new("cc")
        .arg("-print-file-name=libgcc_eh.a")
        .output();
    // Only of a file that is there a whole path is printed.
    asked.is_ok_and(|answer| {
        let path = String::from_utf8_lossy(&answer.stdout);
        Path::new(path.trim_end()).is_absolute()
    })
}
