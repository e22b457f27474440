"""The core of Cognito Desk: services without Qt. Runs on any thread; raises AppError only."""
