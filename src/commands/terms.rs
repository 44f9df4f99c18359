//! What of a ticket's place its calendar and its targets go by, read from the records of this moment.

use super::done::DeskError;
use super::work::Work;
use crate::domain::calendars::Terms;
use crate::domain::{SiteId, SubClientId};
use crate::store::{self, Db, StoreError};

pub(super) fn terms(
    work: &Work<'_>,
    site: Option<SiteId>,
    sub_client: Option<SubClientId>,
) -> Result<Terms, DeskError> {
    Ok(terms_in(&work.tx, site, sub_client)?)
}

pub(super) fn terms_in(
    db: &Db,
    site: Option<SiteId>,
    sub_client: Option<SubClientId>,
) -> Result<Terms, StoreError> {
    let site = site.map_or(Ok(None), |id| store::place::site(db, id))?;
    let sub_client = sub_client.map_or(Ok(None), |id| store::client::get_sub(db, id))?;
    Ok(Terms {
        calendar: site.as_ref().and_then(|site| site.calendar.clone()),
        country: site.as_ref().map(|site| site.country.clone()),
        time_zone: site.map(|site| site.time_zone),
        sub_client: sub_client.map(|sub| sub.key),
    })
}
