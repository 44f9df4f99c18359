//! What desks get wrong, case by case.
