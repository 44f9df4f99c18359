//! What clients' scripts did since the start, for Prometheus: a line for each client and number.

use std::time::Duration;

use super::metrics::Lines;
use crate::commands::script_counts::{BUCKETS_MICROS, ScriptCount};

/// One number of a client's script.
type Number = fn(&ScriptCount) -> u64;
/// A name, the labels beside the client's, what is counted.
type Rows = [(&'static str, Number)];

pub(super) fn write(lines: &mut Lines, clients: &[(String, ScriptCount)]) {
    let counters: [(&str, &str, &Rows); 4] = [
        (
            "naryad_script_runs_total",
            "Runs of clients' scripts by how they ended.",
            &[
                (",state=\"applied\"", |count| count.applied),
                (",state=\"failed\"", |count| count.failed),
                (",state=\"quarantined\"", |count| count.quarantined),
            ],
        ),
        ("naryad_script_commands_total", "Commands that scripts asked for.", &[("", |count| count.commands)]),
        (
            "naryad_script_commands_refused_total",
            "Commands of scripts that the desk refused.",
            &[("", |count| count.refused)],
        ),
        (
            "naryad_script_messages_total",
            "Messages of scripts: sent, held beyond the budget, and held ones that were discarded.",
            &[
                (",state=\"sent\"", |count| count.messages_sent),
                (",state=\"held\"", |count| count.messages_held),
                (",state=\"discarded\"", |count| count.messages_discarded),
            ],
        ),
    ];
    for (name, help, rows) in counters {
        lines.say(name, "counter", help);
        for (client, count) in clients {
            for (labels, number) in rows {
                lines.row(name, &format!("{{client=\"{client}\"{labels}}}"), number(count));
            }
        }
    }
    lines.say("naryad_script_run_seconds", "histogram", "Time of one run of a client's script.");
    for (client, count) in clients {
        times(lines, client, count);
    }
}

fn times(lines: &mut Lines, client: &str, count: &ScriptCount) {
    let mut sum = 0;
    let bounds = BUCKETS_MICROS.iter().map(|bound| Duration::from_micros(*bound).as_secs_f64().to_string());
    for (bound, runs) in bounds.chain(["+Inf".to_owned()]).zip(&count.buckets) {
        sum += runs;
        let labels = format!("{{client=\"{client}\",le=\"{bound}\"}}");
        lines.row("naryad_script_run_seconds_bucket", &labels, sum);
    }
    let labels = format!("{{client=\"{client}\"}}");
    let seconds = Duration::from_micros(count.micros).as_secs_f64();
    lines.row("naryad_script_run_seconds_sum", &labels, seconds);
    lines.row("naryad_script_run_seconds_count", &labels, sum);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up_and_each_client_has_its_lines() {
        let count = ScriptCount {
            applied: 2,
            failed: 1,
            buckets: [1, 0, 1, 0, 0, 0, 0, 0, 1],
            micros: 2_500_000,
            messages_sent: 4,
            messages_held: 3,
            ..ScriptCount::default()
        };
        let mut lines = Lines::default();
        write(&mut lines, &[("bank".to_owned(), count), ("shop".to_owned(), ScriptCount::default())]);
        let text = lines.text();
        for line in [
            "naryad_script_runs_total{client=\"bank\",state=\"failed\"} 1",
            "naryad_script_runs_total{client=\"shop\",state=\"applied\"} 0",
            "naryad_script_run_seconds_bucket{client=\"bank\",le=\"0.00025\"} 2",
            "naryad_script_run_seconds_bucket{client=\"bank\",le=\"+Inf\"} 3",
            "naryad_script_messages_total{client=\"bank\",state=\"sent\"} 4",
            "naryad_script_messages_total{client=\"bank\",state=\"held\"} 3",
            "naryad_script_run_seconds_sum{client=\"bank\"} 2.5",
            "naryad_script_run_seconds_count{client=\"bank\"} 3",
        ] {
            assert!(text.lines().any(|own| own == line), "{line} in\n{text}");
        }
        assert_eq!(text.matches("# TYPE").count(), 5, "{text}");
    }
}
