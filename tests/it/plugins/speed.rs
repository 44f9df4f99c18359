//! What a round trip costs; printed with `--nocapture`, and bounded loosely enough for a busy machine.

use std::time::{Duration, Instant};

use serde_json::json;

use super::Bench;

#[tokio::test]
async fn a_round_trip_through_the_child_is_short() {
    let bench = Bench::bomb().await;
    bench.still_answers().await;
    let mut times: Vec<Duration> = Vec::new();
    for number in 0..300 {
        let started = Instant::now();
        bench.call("echo", json!(number)).await.unwrap();
        times.push(started.elapsed());
    }
    times.sort();
    println!("plugin call round trip: median {:?}, p99 {:?}", times[150], times[297]);
    assert!(times[150] < Duration::from_millis(20), "median {:?}", times[150]);
}
