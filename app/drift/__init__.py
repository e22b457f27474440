"""Where Cognito and the application database disagree: found for a whole pool at once, shown, exported, mended."""
