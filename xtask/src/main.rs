//! What a newcomer runs: `cargo xtask …`.

mod bench;
mod demo;
mod eval;
mod fuzz;
mod installed;
mod places;
mod run;
mod setup;
mod test;
mod window;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask setup   system packages and the model pack
cargo xtask demo    set up, build, ingest the samples, ask four questions, export an answer
cargo xtask app     set up, build, open the desktop window
cargo xtask bundle  set up, build for release, make installers with the model pack inside: [--dev] [KIND,…]
                    (deb, rpm, appimage; deb and rpm where none is named)
cargo xtask installed FILE.deb   install it in a fresh system without network and start it there
cargo xtask ui      build the window's pages; `bindings` writes the types that engine and window share
cargo xtask test    set up, build, run all tests
cargo xtask eval    quality on the developer sets: [--data DIR] [--answers N] [SET…]; `parse` measures what is
                    extracted of files, beside other readers: [--data DIR] [--json] [SET…]
cargo xtask bench   set up, build, measure speed and memory; `ingest`, `growth`, `large`, `ask`, `search`
                    or `slm` measures that alone,
                    --corpus PATH names documents (as often as wanted), --chunks N the sizes of the synthetic
                    index, --runs N how often an ingest is measured
cargo xtask fuzz    our parsers on changed samples: [--seconds N] [--seed N] [TARGET [FILE]]
cargo xtask lint    clippy, where a warning is an error";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["setup"] => setup::setup(),
        ["demo"] => demo::demo(),
        ["bench", arguments @ ..] => bench::bench(arguments),
        ["test"] => test::test(),
        ["app"] => window::app(),
        ["ui"] => window::pages(),
        ["bindings"] => window::bindings(),
        ["bundle"] => window::bundle("release", "deb,rpm").map(drop),
        ["bundle", "--dev"] => window::bundle("dev", "deb").map(drop),
        ["bundle", "--dev", kinds] => window::bundle("dev", kinds).map(drop),
        ["bundle", kinds] => window::bundle("release", kinds).map(drop),
        ["installed", file] => installed::test_installer(std::path::Path::new(file)),
        ["eval", "parse", rest @ ..] => {
            eval::parse::Options::read(rest).and_then(|options| eval::parse::parse(&options))
        }
        ["eval", rest @ ..] => eval::Options::read(rest).and_then(|options| eval::eval(&options)),
        ["fuzz", rest @ ..] => fuzz::fuzz(rest),
        ["lint"] => test::lint(),
        _ => Err(USAGE.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
