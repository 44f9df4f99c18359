//! What a plugin may ask for, in plain words, as `plugin check` says it.

/// A kind of event document: what has happened.
pub fn event(kind: &str) -> &str {
    match kind {
        "ticket_opened" => "a ticket was opened",
        "status_changed" => "a ticket's status changed",
        "priority_changed" => "its priority changed",
        "category_changed" => "its category changed",
        "subject_changed" => "its subject changed",
        "field_changed" => "one of its fields changed",
        "comment_added" => "somebody commented",
        "attachment_added" => "a file was attached",
        "assigned" => "it was assigned",
        "queued" => "it came into a queue",
        "resolved" => "it was resolved",
        "closed" => "it was closed",
        "reopened" => "it was reopened",
        "tagged" => "its tags changed",
        "work_order_changed" => "a visit changed",
        "rated" => "its contact rated it",
        other => other,
    }
}

/// A part of the ticket document.
pub fn field(name: &str) -> &str {
    match name {
        "assignee" => "who has it",
        "site" => "its site",
        "asset" => "its equipment",
        "contact" => "its contact",
        "fields" => "the client's own fields",
        "created_at" => "when it was opened",
        "resolved_at" => "when it was resolved",
        "closed_at" => "when it was closed",
        "url" => "its address",
        "external" => "its numbers elsewhere",
        "comments" => "public comments",
        "internal_comments" => "INTERNAL notes",
        "files" => "attached files",
        other => other,
    }
}

/// What an item may ask for.
pub fn command(name: &str) -> &str {
    match name {
        "upsert" => "open tickets and change those that it opened",
        "comment" => "comment",
        "status" => "move a ticket to another status",
        "resolve" => "resolve tickets",
        "close" => "close tickets",
        "reopen" => "reopen tickets",
        "fields" => "set the client's own fields",
        "priority" => "set priorities",
        "tags" => "tag tickets",
        "queue" => "move tickets to other queues",
        "link" => "tie tickets to others elsewhere",
        "unlink" => "untie them",
        "attach" => "attach files",
        "notice" => "wake the client's script",
        "rate" => "rate a ticket in the contact's name",
        other => other,
    }
}
