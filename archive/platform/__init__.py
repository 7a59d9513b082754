"""What every feature stands on: database, people, approval, jobs, audit, the guard. Knows no feature."""
