"""Existing transcripts into sealed sessions: `transcripts` reads files, `importer` redacts and stores."""

from gateway.importing.importer import Importer, Outlook
from gateway.importing.transcripts import Conversation, TranscriptError, read_transcripts

__all__ = ["Conversation", "Importer", "Outlook", "TranscriptError", "read_transcripts"]
