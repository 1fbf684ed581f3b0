//! `tern attack`: malicious provers, and what the verifier says to them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};
use tern_vm::attack::change::{Fault, Number, number};
use tern_vm::attack::list::BuiltIn;
use tern_vm::attack::{Attack, Base, Change, Outcome, Target, built_in, check, parse};
use tern_vm::exec::SegmentLimits;

use super::args::segment_cycles;
use super::error::CliError;
use super::files;
use super::progress::say_line;
use super::report::{Failure, Report};
use super::units::counted;

/// Most instructions in a segment of a program of the user's: each attack proves at least one anew.
const SEGMENT_CYCLES: u32 = 1 << 14;

/// Arguments of `tern attack`.
#[derive(Debug, Args)]
pub struct AttackArgs {
    /// The guest program whose run is attacked
    /// [default: a built-in one that has every instruction family and accelerator]
    pub elf: Option<PathBuf>,
    /// File with the private input; empty if absent
    #[arg(long, requires = "elf")]
    pub input: Option<PathBuf>,
    /// Most instructions in a segment
    #[arg(long, value_parser = segment_cycles, value_name = "CYCLES", requires = "elf")]
    pub segment_cycles: Option<u32>,
    /// Run the attacks of this list instead of the built-in ones
    #[arg(long, value_name = "TOML")]
    pub file: Vec<PathBuf>,
    /// Run the attack with this name, from the built-in list or a file
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
    /// Run this fault of the executor: its step, what is changed, and the value that it gets
    #[arg(long, value_name = "step=N,field=F,value=V[,address=A]", value_parser = fault)]
    pub fault: Vec<Fault>,
    /// Run those that take long, too
    #[arg(long)]
    pub heavy: bool,
    /// Name the attacks, and run none
    #[arg(long)]
    pub list: bool,
}

/// Reads a fault: `step=N,field=F,value=V`, with `address=A` for one in memory.
fn fault(text: &str) -> Result<Fault, String> {
    const FORM: &str = "expected step=N,field=F,value=V, and address=A for a fault in memory";
    let [mut step, mut value, mut address] = [None; 3];
    let mut field = None;
    for part in text.split(',') {
        let (key, given) = part.split_once('=').ok_or(FORM)?;
        let place = match key {
            "step" => &mut step,
            "value" => &mut value,
            "address" => &mut address,
            "field" => {
                field = Some(given.to_owned());
                continue;
            }
            _ => return Err(FORM.to_owned()),
        };
        *place = Some(number(given)?);
    }
    match (step, field, value) {
        (Some(step), Some(field), Some(value)) => Ok(Fault { step, field, value: Number(value), address: address.map(Number) }),
        _ => Err(FORM.to_owned()),
    }
}

/// `tern attack`.
pub fn attack(args: &AttackArgs) -> Result<Report, CliError> {
    let attacks = chosen(args)?;
    if args.list {
        return Ok(list(&attacks));
    }
    let target = target(args)?;
    let control = format!(
        "control: the unchanged proof of {} in {} is accepted",
        counted(target.cycles(), "cycle"),
        counted(target.segments() as u64, "segment")
    );
    let mut text = control.clone();
    let mut entries = Vec::new();
    let mut counts = Counts::default();
    for attack in &attacks {
        let started = Instant::now();
        let result = target.attack(attack);
        let mut entry = described(attack);
        entry["seconds"] = json!(started.elapsed().as_secs_f64());
        let line = counts.add(attack, &result, &mut entry);
        say_line(&line);
        let _ = write!(text, "\n{line}");
        entries.push(entry);
    }
    let _ = write!(text, "\n{}", counts.text());
    let mut report = Report { text: Some(text), ..Default::default() };
    report.block.insert("control".into(), json!({ "outcome": "accepted", "cycles": target.cycles(), "segments": target.segments() }));
    report.block.insert("attacks".into(), Value::Array(entries));
    report.block.extend(counts.json());
    if counts.wrong > 0 || counts.errors > 0 {
        report.error = Some(Failure::from(&CliError::Attacks { wrong: counts.wrong, errors: counts.errors }));
    }
    Ok(report)
}

/// What is attacked.
fn target(args: &AttackArgs) -> Result<Target, CliError> {
    let Some(elf) = &args.elf else { return Ok(Target::built_in()?) };
    let limits = SegmentLimits::cycles(args.segment_cycles.unwrap_or(SEGMENT_CYCLES));
    Ok(Target::new(files::load_program(elf)?, &files::read_input(args.input.as_deref())?, limits)?)
}

/// The attacks that are asked for.
fn chosen(args: &AttackArgs) -> Result<Vec<Attack>, CliError> {
    let mut of_files = Vec::new();
    for path in &args.file {
        of_files.extend(read(path)?);
    }
    let faults = args.fault.iter().map(|fault| Attack {
        name: format!("fault-at-{}", fault.step),
        what: format!("At step {}, {} becomes {:#x}.", fault.step, fault.field, fault.value.0),
        on: Base::Chain,
        program: BuiltIn::Main,
        reject: None,
        control: false,
        heavy: false,
        changes: vec![Change::Fault(fault.clone())],
    });
    let faults: Vec<Attack> = faults.collect();
    if !args.only.is_empty() {
        let known: Vec<Attack> = of_files.into_iter().chain(built_in()).collect();
        let find =
            |name: &String| known.iter().find(|attack| attack.name == *name).cloned().ok_or_else(|| CliError::NoAttack(name.clone()));
        let mut chosen = args.only.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        chosen.extend(faults);
        return Ok(chosen);
    }
    if args.file.is_empty() && faults.is_empty() && args.elf.is_some() && !args.list {
        return Err(CliError::AttackWhat);
    }
    let listed = if args.file.is_empty() && faults.is_empty() { built_in() } else { of_files };
    Ok(listed.into_iter().filter(|attack| args.heavy || args.list || !attack.heavy).chain(faults).collect())
}

fn read(path: &Path) -> Result<Vec<Attack>, CliError> {
    let bytes = files::read(path)?;
    let text = String::from_utf8(bytes).map_err(|_| CliError::AttackText(path.to_owned()))?;
    parse(&text).map_err(|error| CliError::AttackList { path: path.to_owned(), error })
}

/// What a list says of an attack.
fn described(attack: &Attack) -> Value {
    let changes: Vec<&str> = attack.changes.iter().map(Change::kind).collect();
    json!({
        "name": attack.name, "what": attack.what, "on": attack.on.name(), "changes": changes, "expected": attack.reject,
        "control": attack.control, "heavy": attack.heavy,
    })
}

fn list(attacks: &[Attack]) -> Report {
    let mut text = String::new();
    for attack in attacks {
        let expected = if attack.control { "accepted" } else { attack.reject.as_deref().unwrap_or("any check") };
        let heavy = if attack.heavy { " (heavy)" } else { "" };
        let _ = writeln!(text, "{:<34} {:<16} {}{heavy}", attack.name, expected, attack.what);
    }
    let mut report = Report { text: Some(text.trim_end().to_owned()), ..Default::default() };
    report.block.insert("attacks".into(), attacks.iter().map(described).collect());
    report
}

/// How many attacks ended how.
#[derive(Default)]
struct Counts {
    rejected: usize,
    stopped: usize,
    accepted: usize,
    controls: usize,
    /// Ended otherwise than the list says.
    wrong: usize,
    /// Could not be run as the list says.
    errors: usize,
}

impl Counts {
    /// Counts a result, adds it to its entry, and says it on a line.
    fn add(&mut self, attack: &Attack, result: &Result<tern_vm::attack::Tried, tern_vm::attack::AttackError>, entry: &mut Value) -> String {
        let line = |word: &str, check: &str, rest: &str| format!("{word:<9} {:<34} {check:<16} {rest}", attack.name).trim_end().to_owned();
        let tried = match result {
            Ok(tried) => tried,
            Err(error) => {
                self.errors += 1;
                (entry["outcome"], entry["message"]) = (json!("error"), json!(error.to_string()));
                return line("ERROR", "", &error.to_string());
            }
        };
        let (word, check, message) = match &tried.outcome {
            Outcome::Rejected { check, message } => ("rejected", *check, message.as_str()),
            Outcome::Stopped { reason } => ("stopped", check::PROVER, reason.as_str()),
            Outcome::Accepted => ("accepted", "", ""),
        };
        *match &tried.outcome {
            Outcome::Rejected { .. } => &mut self.rejected,
            Outcome::Stopped { .. } => &mut self.stopped,
            Outcome::Accepted if attack.control => &mut self.controls,
            Outcome::Accepted => &mut self.accepted,
        } += 1;
        let finding = attack.finding(&tried.outcome);
        self.wrong += usize::from(finding.is_some());
        (entry["outcome"], entry["as_expected"]) = (json!(word), json!(finding.is_none()));
        (entry["check"], entry["message"], entry["changed"]) = (json!(check), json!(message), json!(tried.changed));
        let changed = if tried.changed.is_empty() { String::new() } else { format!(" ({})", tried.changed.join(", ")) };
        match finding {
            Some(finding) => {
                entry["finding"] = json!(finding.to_string());
                let said = if message.is_empty() { String::new() } else { format!(": {message}") };
                line("WRONG", check, &format!("{finding}{said}{changed}"))
            }
            None => line(word, check, &format!("{message}{changed}")),
        }
    }

    fn text(&self) -> String {
        let Self { rejected, stopped, accepted, controls, wrong, errors } = self;
        let mut text = format!("{rejected} rejected by the verifier, {stopped} that no prover completes, {accepted} accepted");
        for (count, what) in
            [(controls, "controls accepted as they should be"), (wrong, "not as expected"), (errors, "that could not be run")]
        {
            if *count > 0 {
                let _ = write!(text, ", {count} {what}");
            }
        }
        text
    }

    fn json(&self) -> impl Iterator<Item = (String, Value)> {
        let Self { rejected, stopped, accepted, controls, wrong, errors } = *self;
        let counts = [
            ("rejected", rejected),
            ("stopped", stopped),
            ("accepted", accepted),
            ("controls", controls),
            ("wrong", wrong),
            ("errors", errors),
        ];
        counts.into_iter().map(|(key, count)| (key.to_owned(), json!(count)))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::ExitCode;

    use clap::Parser;

    use super::*;
    use crate::args::Cli;
    use crate::exit_code;

    /// Rows in another order: free by design, and here not marked as a control.
    const FREE: &str = r#"
        [[attack]]
        name = "rows-reversed"
        what = "The rows of a table come in another order."
        changes = [{ rows = { chip = "add_sub", order = "reversed" } }]
    "#;
    const SWAPPED: &str = r#"
        [[attack]]
        name = "swapped"
        what = "Two segments change places."
        reject = "program-counter"
        changes = [{ segments = { order = [1, 0, 2] } }]
    "#;

    /// Runs `tern attack`, as the command line does.
    fn run(arguments: &[&str]) -> Report {
        let cli = Cli::try_parse_from([&["tern", "attack"], arguments].concat()).expect("right usage");
        crate::run(&cli).unwrap_or_else(|error| Report::failure(Failure::from(&error)))
    }

    fn json(report: &Report) -> Value {
        serde_json::from_str(&report.to_json()).expect("one object")
    }

    /// Runs a list.
    fn run_list(text: &str) -> Report {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("attacks.toml");
        fs::write(&path, text).expect("a file");
        run(&["--file", path.to_str().expect("UTF-8")])
    }

    #[test]
    fn what_is_rejected_is_success_and_what_is_accepted_is_failure() {
        let report = run_list(SWAPPED);
        let said = json(&report);
        assert_eq!(exit_code(&report), ExitCode::SUCCESS, "{said}");
        assert_eq!((&said["rejected"], &said["accepted"], &said["control"]["outcome"]), (&json!(1), &json!(0), &json!("accepted")));
        let attack = &said["attacks"][0];
        assert_eq!(
            (&attack["outcome"], &attack["check"], &attack["as_expected"]),
            (&json!("rejected"), &json!("program-counter"), &json!(true))
        );
        assert!(report.to_text().contains("1 rejected by the verifier, 0 that no prover completes, 0 accepted"), "{}", report.to_text());

        let report = run_list(&[SWAPPED, FREE].concat());
        let said = json(&report);
        assert_eq!(exit_code(&report), ExitCode::FAILURE, "{said}");
        assert_eq!((&said["error"]["code"], &said["rejected"], &said["accepted"]), (&json!("attack_succeeded"), &json!(1), &json!(1)));
        assert!(report.to_text().contains("WRONG") && report.to_text().contains("ACCEPTED"), "{}", report.to_text());

        // Marked as a control it has to be accepted; another check than the wanted one is wrong as
        // well; and what changes nothing is no pass.
        let control = FREE.replace("changes", "control = true\nchanges");
        assert_eq!(exit_code(&run_list(&control)), ExitCode::SUCCESS);
        assert_eq!(exit_code(&run_list(&SWAPPED.replace("program-counter", "output"))), ExitCode::FAILURE);
        let report = run_list(&SWAPPED.replace("[1, 0, 2]", "[0, 1, 2]"));
        assert_eq!((exit_code(&report), &json(&report)["errors"], &json(&report)["rejected"]), (ExitCode::FAILURE, &json!(1), &json!(0)));
    }

    #[test]
    fn lists_are_named_and_errors_in_them_too() {
        let listed = json(&run(&["--list"]));
        let names: Vec<&str> = listed["attacks"].as_array().expect("attacks").iter().filter_map(|attack| attack["name"].as_str()).collect();
        assert!(names.len() > 150 && names.contains(&"segments-swapped"), "{}", names.len());
        let failure = |report: &Report| {
            let said = json(report);
            (
                said["error"]["code"].as_str().unwrap_or_default().to_owned(),
                said["error"]["message"].as_str().unwrap_or_default().to_owned(),
            )
        };
        let (code, message) = failure(&run_list(&SWAPPED.replace("order", "ordre")));
        assert!(code == "bad_attack" && message.contains("attacks.toml") && message.contains("ordre"), "{message}");
        let (code, message) = failure(&run(&["--only", "no-such-attack"]));
        assert!(code == "bad_attack" && message.contains("no-such-attack"), "{message}");
        let elf = concat!(env!("CARGO_MANIFEST_DIR"), "/../../guest-evm/elf/plain.elf");
        let (code, message) = failure(&run(&[elf]));
        assert!(code == "bad_attack" && message.contains("--fault"), "{message}");
        assert_eq!(failure(&run(&["--file", "/no/such/file"])).0, "cannot_read");
        for wrong in ["step=1,field=rd", "step=1,field=rd,value=x", "rd", "step=1,field=rd,value=1,colour=2", ""] {
            assert!(fault(wrong).is_err(), "{wrong}");
        }
        assert!(Cli::try_parse_from(["tern", "attack", "--fault", "step=1,field=rd"]).is_err());
    }

    /// A driver's way: a program of its own, and faults at steps of its trace.
    #[test]
    fn faults_in_a_program_of_the_users_are_rejected() {
        let elf = concat!(env!("CARGO_MANIFEST_DIR"), "/../../guest-evm/elf/plain.elf");
        let report = run(&[elf, "--fault", "step=3,field=next_pc,value=0x10", "--fault", "step=5,field=register.31,value=0x123456789abc"]);
        let said = json(&report);
        assert_eq!(said["attacks"].as_array().map(Vec::len), Some(2), "{said}");
        assert_eq!((&said["attacks"][0]["outcome"], &said["accepted"]), (&json!("stopped"), &json!(0)), "{said}");
        assert_eq!(said["attacks"][1]["outcome"], "rejected", "{said}");
        assert_eq!(exit_code(&report), ExitCode::SUCCESS, "{said}");
    }
}
