//! The card in a real PC/SC reader (`pcscd`, the virtual reader), read by a program of others.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use acceptance::{Pcscd, kioskctl};
use simulator::SimulatedCard;
use simulator::my_number::{Application, Location, place};
use simulator::vpcd::{ServeOptions, Stop, serve};

use crate::support::specimen;

/// Serves a card while `work` runs.
pub fn with_card<T>(card: &mut dyn SimulatedCard, work: impl FnOnce() -> T) -> T {
    // A card served before may still seem to lie there.
    wait_for_card(false);
    let stop = Stop::new();
    std::thread::scope(|scope| {
        let serving = scope.spawn(|| serve(card, &ServeOptions::default(), &stop));
        wait_for_card(true);
        let result = work();
        stop.stop();
        serving.join().expect("the card's thread").expect("the card was served");
        result
    })
}

fn wait_for_card(present: bool) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(15) {
        let readers = kioskctl().args(["--json", "readers"]).run();
        let some = || {
            readers.json()["readers"]
                .as_array()
                .is_some_and(|readers| readers.iter().any(|r| r["card_present"] == true))
        };
        if readers.status == 0 && some() == present {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// OpenSC knows the real card: what its driver needs is there, and the certificates it reads are those that were issued.
#[test]
fn opensc_recognises_the_card_and_reads_its_certificates() {
    let card = specimen();
    let jpki = |id| card.contents.files[&Location::new(Application::Jpki, id)].clone();
    let _pcscd = Pcscd::start();
    with_card(&mut *place(card.contents.clone(), Vec::new()), || {
        let name = run("opensc-tool", &["--name"], None);
        assert!(name.to_lowercase().contains("jpki"), "{name}");
        let list = run("pkcs15-tool", &["--list-certificates", "--list-pins", "--list-keys"], None);
        for label in [
            "User Authentication Certificate",
            "Digital Signature Certificate",
            "User Authentication Certificate CA",
            "Digital Signature Certificate CA",
            "User Authentication PIN",
            "Digital Signature Key",
        ] {
            assert!(list.contains(label), "{label}: {list}");
        }
        assert!(list.contains("Tries left     : 3") && list.contains("Tries left     : 5"), "{list}");
        // 01 user, 03 its authority: free of any PIN.
        for (id, file) in [("01", 0x000A), ("03", 0x000B)] {
            let pem = run("pkcs15-tool", &["--read-certificate", id], None);
            let der = run_bytes("openssl", &["x509", "-outform", "der"], Some(pem.as_bytes()));
            let stored = jpki(file);
            assert!(!der.is_empty() && stored.starts_with(&der), "certificate {id}");
        }
    });
}

fn run(program: &str, arguments: &[&str], input: Option<&[u8]>) -> String {
    String::from_utf8_lossy(&run_bytes(program, arguments, input)).into_owned()
}

fn run_bytes(program: &str, arguments: &[&str], input: Option<&[u8]>) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} is needed: apt-get install opensc openssl ({error})"));
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.unwrap_or_default()).expect("the input is taken");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {said} {}", String::from_utf8_lossy(&output.stdout));
    // opensc-tool answers some questions on standard error.
    if output.stdout.is_empty() { output.stderr } else { output.stdout }
}
