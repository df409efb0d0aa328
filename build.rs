//! Links the program so that it starts fast: what happens before `main` takes longer than all that podsnat does with a
//! small ruleset.
//!
//! With glibc nothing is left to the dynamic linker, and the program has a fixed address: there are no libraries to look
//! for and to map, and the tables of extensions, which are full of pointers, need not be written to and copied page by
//! page at each start. `-C target-feature=+crt-static` would do that too, but for the procedural macros as well, which
//! have to be libraries. So rustc asks the linker for libraries by name as ever, and linker scripts of these names, found
//! before the libraries, give it the archives instead.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What rustc asks for, and what to give it.
const SCRIPTS: [(&str, &str); 7] = [
    ("gcc_s", "-lgcc_eh"),
    ("c", "-l:libc.a -lgcc -lgcc_eh"),
    ("dl", "-l:libdl.a"),
    ("m", "-l:libm.a"),
    ("pthread", "-l:libpthread.a"),
    ("rt", "-l:librt.a"),
    ("util", "-l:libutil.a"),
];

/// The archives that have to be there: they come with gcc and with glibc's headers.
const ARCHIVES: [&str; 8] = [
    "libc.a",
    "libdl.a",
    "libgcc.a",
    "libgcc_eh.a",
    "libm.a",
    "libpthread.a",
    "librt.a",
    "libutil.a",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    let is_native = env::var_os("HOST") == env::var_os("TARGET");
    let is_glibc =
        env::var("CARGO_CFG_TARGET_ENV")? == "gnu" && env::var("CARGO_CFG_TARGET_OS")? == "linux";
    if is_native && is_glibc && ARCHIVES.iter().all(|name| is_found(name)) {
        let dir = PathBuf::from(env::var("OUT_DIR")?);
        for (name, archives) in SCRIPTS {
            let script = format!("GROUP({archives})\n");
            fs::write(dir.join(format!("lib{name}.so")), script)?;
        }
        println!("cargo:rustc-link-arg-bins=-L{}", dir.display());
        println!("cargo:rustc-link-arg-bins=-static");
    }
    if is_glibc {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
    Ok(())
}

/// Whether the linker will find an archive.
fn is_found(archive: &str) -> bool {
    let asked = Command::new("cc")
        .arg(format!("-print-file-name={archive}"))
        .output();
    // Only of a file that is there a whole path is printed.
    asked.is_ok_and(|answer| {
        let path = String::from_utf8_lossy(&answer.stdout);
        Path::new(path.trim_end()).is_absolute()
    })
}
