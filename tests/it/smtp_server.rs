//! A real SMTP server on loopback (Python's aiosmtpd), with and without TLS.

use crate::oracle;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A server that goes away with the value.
pub struct Server {
    child: Child,
    pub port: u16,
    folder: tempfile::TempDir,
}

impl Server {
    /// None where the tools for it are not installed.
    pub fn start(mode: &str) -> Option<Self> {
        let python = oracle::python()?;
        let has = Command::new(&python)
            .args(["-c", "import aiosmtpd"])
            .output();
        if !has.is_ok_and(|output| output.status.success()) {
            oracle::skip("aiosmtpd is not installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(python);
        command
            .arg(oracle::root().join("tests/it/oracle/smtpd.py"))
            .arg(folder.path())
            .arg(mode);
        if mode.contains("tls") {
            certificates(folder.path(), &["localhost"]);
            command.args([
                folder.path().join("server.pem"),
                folder.path().join("server.key"),
            ]);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let port = line.trim().parse().unwrap();
        Some(Self {
            child,
            port,
            folder,
        })
    }

    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    pub fn mails(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut all: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
        all.retain(|p| p.extension().is_some_and(|e| e == "eml"));
        all.sort();
        all
    }

    /// Writes the attachment of the only mail to `to`.
    pub fn received(&self, to: &Path) -> PathBuf {
        let mails = self.mails();
        assert_eq!(mails.len(), 1);
        self.attachment(&mails[0], to)
    }

    /// Writes the attachment of a mail to `to`.
    pub fn attachment(&self, mail: &Path, to: &Path) -> PathBuf {
        let script = oracle::root().join("tests/it/oracle/mail_received.py");
        let output = Command::new(oracle::python().unwrap())
            .args([script.as_path(), mail, to])
            .output()
            .unwrap();
        let name = String::from_utf8(output.stdout).unwrap();
        to.join(name.trim())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An authority of our own, and a server's certificate for `hosts` by it.
pub fn certificates(folder: &Path, hosts: &[&str]) {
    let openssl = |args: &str| {
        let output = Command::new("openssl")
            .args(args.split(' '))
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(&format!(
        "req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=Test -days 30"
    ));
    let names: Vec<String> = hosts.iter().map(|host| format!("DNS:{host}")).collect();
    let names = names.join(",");
    openssl(&format!(
        "req -x509 {key} -keyout server.key -out server.pem -subj /CN=localhost -days 30 -CA ca.pem \
         -CAkey ca.key -addext subjectAltName={names} -addext basicConstraints=CA:FALSE \
         -addext extendedKeyUsage=serverAuth"
    ));
}
