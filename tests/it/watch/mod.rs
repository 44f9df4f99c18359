//! The queue watch on the virtual clock, with real arrivals; the next best ticket; the supervisor's views.

mod alarms;
mod arrivals;
mod measure;
mod next;
mod pages;
mod parts;
mod weeks;
