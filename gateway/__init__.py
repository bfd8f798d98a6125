"""Sordino's gateway: everything that faces a network or a person, and the only place where the parts meet.

A message's way, and where it is coded:

    handlers/        HTTP requests -> Incoming                     middlewares   errors -> problem+json
    server           what can't be parsed is refused alike         problem       what every refusal looks like
    refusals         how each error is told
    conversation     the walk of one message, in its order         exchange      its values
    engine/          bodies and streams -> slots of text           connectors/   one module per wire protocol
    sessions         whose session it is                           tokens        how its owner shows that
    consent          what may be kept now (pure)                   consent_book  asking, answering, withdrawing
    pieces           a value dictated over several turns
    redacting        the notice's policies on texts                disclosure    the AI disclosure
    turns, history   what is new in a history sent again           recent        what a process remembers
    limits, aside    long texts: how long, and not in the way      jobs          sweeps
    leader           which process does that
    calls/           consent first, then the recorder              upstream      the client to the bots
    audio/           telephone codecs, WAV

    notice/          the privacy notice as data                    settings      the deployment's environment
    access/          roles, tokens, who may do what                desk/         pages and API of the internal listener
    app              the only wiring                               serving       a gateway that runs
    commands/        what else `sordino` does                      cli           `sordino`
    metrics, logs    counts and lines without content              demo/         a shop bot, a chat page, a script
"""

__version__ = "0.1.0"
