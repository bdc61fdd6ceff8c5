//! What a newcomer runs: `cargo xtask …`.

mod bench;
mod demo;
mod eval;
mod places;
mod run;
mod setup;
mod test;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask setup   system packages and the model pack
cargo xtask demo    set up, build, ingest the samples, ask four questions, export an answer
cargo xtask test    set up, build, run all tests
cargo xtask eval    quality on the developer sets: [--data DIR] [--answers N] [SET…]
cargo xtask bench   set up, build, measure speed and memory; `ingest`, `growth`, `large`, `ask`, `search`
                    or `slm` measures that alone,
                    --corpus PATH names documents (as often as wanted), --chunks N the sizes of the synthetic
                    index, --runs N how often an ingest is measured
cargo xtask lint    clippy, where a warning is an error";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["setup"] => setup::setup(),
        ["demo"] => demo::demo(),
        ["bench", arguments @ ..] => bench::bench(arguments),
        ["test"] => test::test(),
        ["eval", rest @ ..] => eval::Options::read(rest).and_then(|options| eval::eval(&options)),
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
