"""The desk on the internal listener: the same functions as pages, rendered here, and as a JSON API.

guard      who asks, may they, does it come from here     signing_in, oidc   how somebody signs in
views      what is shown, as values                       acting             what two people have to want
api        JSON                                           pages, forms       HTML, from `templates` and `words`
figures    what is counted beside the requests            openapi            the API as a document
"""
