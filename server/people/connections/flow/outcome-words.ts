import { words } from "../../../platform/i18n/index.ts";

/** The pages at the end of connecting: a heading and, for each outcome, what happened and what to do. */
export const outcomeWords = words({
  en: {
    title_yes: "Connected",
    title_no: "Not connected",
    back: "Back to Mattermost",
    again: "Try again",
    connected: "Your Microsoft 365 account is connected. You can close this page.",
    bot_connected: "The bot account is connected. You can close this page.",
    bot_exists: "Another bot account is connected already. Disconnect it first with /msteams disconnect-bot.",
    account_is_bot: "This Microsoft account is the bot account of this server. Choose your own account.",
    admins_only: "Only system admins can connect the bot account.",
    already_connected:
      "Your Microsoft 365 account is connected already. To connect another one, disconnect it first.",
    state:
      "This attempt is over: the link was used, is older than ten minutes, or belongs to another session. Start again from Mattermost.",
    cancelled: "You did not agree at Microsoft, so nothing was connected.",
    needs_admin:
      "Your organisation has to allow this first. Ask the administrator of Microsoft 365 for admin consent.",
    policy:
      "A policy of your organisation did not let you sign in. Try from a managed device, or ask the administrator of Microsoft 365.",
    other_tenant:
      "This Microsoft account belongs to another organisation. Choose your account of this organisation.",
    microsoft_guest: "This Microsoft account is a guest in your organisation. Guests cannot be connected.",
    other_address:
      "The Microsoft account has the address {there}, your Mattermost account {here}. They must be the same.",
    account_taken:
      "This Microsoft account belongs to the Mattermost account @{holder}. Disconnect it there first.",
    holder_left:
      "This Microsoft account belongs to a deactivated Mattermost account. Ask your administrator to unlink it.",
    holder_gone:
      "This Microsoft account belongs to a Mattermost account that no longer exists. Ask your administrator to unlink it.",
    linked_elsewhere:
      "Your Mattermost account belongs to another Microsoft account. Choose that one, or ask your administrator to unlink it.",
    no_offline:
      "Microsoft did not give lasting access. Ask the administrator to allow the permission offline_access.",
    bot: "Bot accounts cannot connect a Microsoft 365 account.",
    guest: "Guests cannot connect a Microsoft 365 account.",
    inactive: "Your Mattermost account is deactivated.",
    not_listed: "Only invited people can connect a Microsoft 365 account. Ask your administrator.",
    no_seat: "No more accounts can be connected. Ask your administrator.",
    refused:
      "Microsoft refused. Try again; if it happens again, tell your administrator the number {request}.",
    token_invalid:
      "Microsoft's confirmation of who you are was not accepted. Tell your administrator the number {request}.",
    unreachable: "Microsoft 365 cannot be reached at the moment. Try again in a few minutes.",
    not_configured: "Connecting is not set up completely. Tell your administrator the number {request}.",
  },
  de: {
    title_yes: "Verbunden",
    title_no: "Nicht verbunden",
    back: "Zurück zu Mattermost",
    again: "Erneut versuchen",
    connected: "Ihr Microsoft-365-Konto ist verbunden. Sie können diese Seite schließen.",
    bot_connected: "Das Bot-Konto ist verbunden. Sie können diese Seite schließen.",
    bot_exists: "Es ist bereits ein Bot-Konto verbunden. Trennen Sie es zuerst mit /msteams disconnect-bot.",
    account_is_bot: "Dieses Microsoft-Konto ist das Bot-Konto dieses Servers. Wählen Sie Ihr eigenes Konto.",
    admins_only: "Nur Systemadministratoren können das Bot-Konto verbinden.",
    already_connected:
      "Ihr Microsoft-365-Konto ist bereits verbunden. Um ein anderes zu verbinden, trennen Sie es zuerst.",
    state:
      "Dieser Versuch ist vorbei: Der Link wurde benutzt, ist älter als zehn Minuten oder gehört zu einer anderen Sitzung. Beginnen Sie in Mattermost neu.",
    cancelled: "Sie haben bei Microsoft nicht zugestimmt. Es wurde nichts verbunden.",
    needs_admin:
      "Ihre Organisation muss das zuerst erlauben. Bitten Sie die Administration von Microsoft 365 um Administratorzustimmung.",
    policy:
      "Eine Richtlinie Ihrer Organisation hat die Anmeldung verhindert. Versuchen Sie es von einem verwalteten Gerät aus oder fragen Sie die Administration von Microsoft 365.",
    other_tenant:
      "Dieses Microsoft-Konto gehört zu einer anderen Organisation. Wählen Sie Ihr Konto dieser Organisation.",
    microsoft_guest:
      "Dieses Microsoft-Konto ist ein Gast in Ihrer Organisation. Gäste können nicht verbunden werden.",
    other_address:
      "Das Microsoft-Konto hat die Adresse {there}, Ihr Mattermost-Konto {here}. Die Adressen müssen gleich sein.",
    account_taken:
      "Dieses Microsoft-Konto gehört zum Mattermost-Konto @{holder}. Trennen Sie es zuerst dort.",
    holder_left:
      "Dieses Microsoft-Konto gehört zu einem deaktivierten Mattermost-Konto. Lassen Sie die Verknüpfung von der Administration lösen.",
    holder_gone:
      "Dieses Microsoft-Konto gehört zu einem Mattermost-Konto, das es nicht mehr gibt. Lassen Sie die Verknüpfung von der Administration lösen.",
    linked_elsewhere:
      "Ihr Mattermost-Konto gehört zu einem anderen Microsoft-Konto. Wählen Sie dieses, oder lassen Sie die Verknüpfung von der Administration lösen.",
    no_offline:
      "Microsoft hat keinen dauerhaften Zugriff gewährt. Bitten Sie die Administration um die Berechtigung offline_access.",
    bot: "Bot-Konten können kein Microsoft-365-Konto verbinden.",
    guest: "Gäste können kein Microsoft-365-Konto verbinden.",
    inactive: "Ihr Mattermost-Konto ist deaktiviert.",
    not_listed:
      "Nur eingeladene Personen können ein Microsoft-365-Konto verbinden. Fragen Sie Ihre Administration.",
    no_seat: "Es können keine weiteren Konten verbunden werden. Fragen Sie Ihre Administration.",
    refused:
      "Microsoft hat abgelehnt. Versuchen Sie es noch einmal; geschieht es wieder, nennen Sie Ihrer Administration die Nummer {request}.",
    token_invalid:
      "Microsofts Bestätigung Ihrer Identität wurde nicht angenommen. Nennen Sie Ihrer Administration die Nummer {request}.",
    unreachable:
      "Microsoft 365 ist im Moment nicht erreichbar. Versuchen Sie es in einigen Minuten noch einmal.",
    not_configured:
      "Das Verbinden ist noch nicht vollständig eingerichtet. Nennen Sie Ihrer Administration die Nummer {request}.",
  },
  es: {
    title_yes: "Conectado",
    title_no: "No conectado",
    back: "Volver a Mattermost",
    again: "Reintentar",
    connected: "Su cuenta de Microsoft 365 está conectada. Puede cerrar esta página.",
    bot_connected: "La cuenta del bot está conectada. Puede cerrar esta página.",
    bot_exists: "Ya hay una cuenta de bot conectada. Desconéctela primero con /msteams disconnect-bot.",
    account_is_bot: "Esta cuenta de Microsoft es la cuenta del bot de este servidor. Elija su propia cuenta.",
    admins_only: "Solo los administradores del sistema pueden conectar la cuenta del bot.",
    already_connected:
      "Su cuenta de Microsoft 365 ya está conectada. Para conectar otra, desconéctela primero.",
    state:
      "Este intento ha terminado: el enlace ya se usó, tiene más de diez minutos o es de otra sesión. Empiece de nuevo en Mattermost.",
    cancelled: "No dio su consentimiento en Microsoft, así que no se conectó nada.",
    needs_admin:
      "Su organización debe permitirlo primero. Pida al administrador de Microsoft 365 el consentimiento de administrador.",
    policy:
      "Una directiva de su organización impidió el inicio de sesión. Pruebe desde un dispositivo administrado o pregunte al administrador de Microsoft 365.",
    other_tenant: "Esta cuenta de Microsoft es de otra organización. Elija su cuenta de esta organización.",
    microsoft_guest:
      "Esta cuenta de Microsoft es de un invitado de su organización. Los invitados no se pueden conectar.",
    other_address:
      "La cuenta de Microsoft tiene la dirección {there} y su cuenta de Mattermost {here}. Deben ser iguales.",
    account_taken:
      "Esta cuenta de Microsoft pertenece a la cuenta de Mattermost @{holder}. Desconéctela primero allí.",
    holder_left:
      "Esta cuenta de Microsoft pertenece a una cuenta de Mattermost desactivada. Pida a su administrador que la desvincule.",
    holder_gone:
      "Esta cuenta de Microsoft pertenece a una cuenta de Mattermost que ya no existe. Pida a su administrador que la desvincule.",
    linked_elsewhere:
      "Su cuenta de Mattermost pertenece a otra cuenta de Microsoft. Elija esa o pida a su administrador que la desvincule.",
    no_offline:
      "Microsoft no concedió acceso duradero. Pida al administrador que permita el permiso offline_access.",
    bot: "Las cuentas de bot no pueden conectar una cuenta de Microsoft 365.",
    guest: "Los invitados no pueden conectar una cuenta de Microsoft 365.",
    inactive: "Su cuenta de Mattermost está desactivada.",
    not_listed:
      "Solo las personas invitadas pueden conectar una cuenta de Microsoft 365. Pregunte a su administrador.",
    no_seat: "No se pueden conectar más cuentas. Pregunte a su administrador.",
    refused:
      "Microsoft lo rechazó. Inténtelo de nuevo; si se repite, indique a su administrador el número {request}.",
    token_invalid:
      "No se aceptó la confirmación de Microsoft sobre su identidad. Indique a su administrador el número {request}.",
    unreachable: "No se puede acceder a Microsoft 365 en este momento. Inténtelo de nuevo en unos minutos.",
    not_configured:
      "La conexión no está configurada del todo. Indique a su administrador el número {request}.",
  },
  fr: {
    title_yes: "Connecté",
    title_no: "Non connecté",
    back: "Retour à Mattermost",
    again: "Réessayer",
    connected: "Votre compte Microsoft 365 est connecté. Vous pouvez fermer cette page.",
    bot_connected: "Le compte du bot est connecté. Vous pouvez fermer cette page.",
    bot_exists:
      "Un autre compte de bot est déjà connecté. Déconnectez-le d’abord avec /msteams disconnect-bot.",
    account_is_bot: "Ce compte Microsoft est le compte du bot de ce serveur. Choisissez votre propre compte.",
    admins_only: "Seuls les administrateurs système peuvent connecter le compte du bot.",
    already_connected:
      "Votre compte Microsoft 365 est déjà connecté. Pour en connecter un autre, déconnectez-le d’abord.",
    state:
      "Cette tentative est terminée : le lien a été utilisé, date de plus de dix minutes ou appartient à une autre session. Recommencez depuis Mattermost.",
    cancelled: "Vous n’avez pas donné votre accord chez Microsoft ; rien n’a été connecté.",
    needs_admin:
      "Votre organisation doit d’abord l’autoriser. Demandez le consentement de l’administrateur Microsoft 365.",
    policy:
      "Une stratégie de votre organisation a empêché la connexion. Essayez depuis un appareil géré ou demandez à l’administrateur Microsoft 365.",
    other_tenant:
      "Ce compte Microsoft appartient à une autre organisation. Choisissez votre compte de cette organisation.",
    microsoft_guest:
      "Ce compte Microsoft est invité dans votre organisation. Les invités ne peuvent pas être connectés.",
    other_address:
      "Le compte Microsoft a l’adresse {there}, votre compte Mattermost {here}. Elles doivent être identiques.",
    account_taken:
      "Ce compte Microsoft appartient au compte Mattermost @{holder}. Déconnectez-le d’abord là-bas.",
    holder_left:
      "Ce compte Microsoft appartient à un compte Mattermost désactivé. Demandez à votre administrateur de le dissocier.",
    holder_gone:
      "Ce compte Microsoft appartient à un compte Mattermost qui n’existe plus. Demandez à votre administrateur de le dissocier.",
    linked_elsewhere:
      "Votre compte Mattermost appartient à un autre compte Microsoft. Choisissez celui-là ou demandez à votre administrateur de le dissocier.",
    no_offline:
      "Microsoft n’a pas accordé d’accès durable. Demandez à l’administrateur d’autoriser offline_access.",
    bot: "Les comptes de bot ne peuvent pas connecter de compte Microsoft 365.",
    guest: "Les invités ne peuvent pas connecter de compte Microsoft 365.",
    inactive: "Votre compte Mattermost est désactivé.",
    not_listed:
      "Seules les personnes invitées peuvent connecter un compte Microsoft 365. Demandez à votre administrateur.",
    no_seat: "Aucun autre compte ne peut être connecté. Demandez à votre administrateur.",
    refused:
      "Microsoft a refusé. Réessayez ; si cela se reproduit, donnez à votre administrateur le numéro {request}.",
    token_invalid:
      "La confirmation de votre identité par Microsoft n’a pas été acceptée. Donnez à votre administrateur le numéro {request}.",
    unreachable: "Microsoft 365 est injoignable pour le moment. Réessayez dans quelques minutes.",
    not_configured:
      "La connexion n’est pas entièrement configurée. Donnez à votre administrateur le numéro {request}.",
  },
  ja: {
    title_yes: "接続しました",
    title_no: "接続されていません",
    back: "Mattermost に戻る",
    again: "もう一度試す",
    connected: "Microsoft 365 アカウントを接続しました。このページは閉じてかまいません。",
    bot_connected: "ボットアカウントを接続しました。このページは閉じてかまいません。",
    bot_exists:
      "別のボットアカウントがすでに接続されています。先に /msteams disconnect-bot で切断してください。",
    account_is_bot:
      "この Microsoft アカウントはこのサーバーのボットアカウントです。ご自分のアカウントを選んでください。",
    admins_only: "ボットアカウントを接続できるのはシステム管理者だけです。",
    already_connected:
      "Microsoft 365 アカウントはすでに接続されています。別のものを接続するには、先に切断してください。",
    state:
      "この接続の操作は無効になりました。リンクが使用済みか、10 分以上前のものか、別のセッションのものです。Mattermost からやり直してください。",
    cancelled: "Microsoft で同意されなかったため、何も接続されていません。",
    needs_admin: "先に組織の許可が必要です。Microsoft 365 の管理者に管理者の同意を依頼してください。",
    policy:
      "組織のポリシーによりサインインできませんでした。管理対象のデバイスで試すか、Microsoft 365 の管理者に問い合わせてください。",
    other_tenant: "この Microsoft アカウントは別の組織のものです。この組織のアカウントを選んでください。",
    microsoft_guest: "この Microsoft アカウントは組織のゲストです。ゲストは接続できません。",
    other_address:
      "Microsoft アカウントのアドレスは {there}、Mattermost アカウントは {here} です。同じである必要があります。",
    account_taken:
      "この Microsoft アカウントは Mattermost アカウント @{holder} のものです。先にそちらで切断してください。",
    holder_left:
      "この Microsoft アカウントは無効化された Mattermost アカウントのものです。管理者にリンクの解除を依頼してください。",
    holder_gone:
      "この Microsoft アカウントは、すでに存在しない Mattermost アカウントのものです。管理者にリンクの解除を依頼してください。",
    linked_elsewhere:
      "お使いの Mattermost アカウントは別の Microsoft アカウントとリンクされています。そちらを選ぶか、管理者にリンクの解除を依頼してください。",
    no_offline:
      "Microsoft が継続的なアクセスを許可しませんでした。管理者にアクセス許可 offline_access の許可を依頼してください。",
    bot: "ボットアカウントは Microsoft 365 アカウントを接続できません。",
    guest: "ゲストは Microsoft 365 アカウントを接続できません。",
    inactive: "お使いの Mattermost アカウントは無効です。",
    not_listed: "招待された人だけが Microsoft 365 アカウントを接続できます。管理者に問い合わせてください。",
    no_seat: "これ以上アカウントを接続できません。管理者に問い合わせてください。",
    refused:
      "Microsoft に拒否されました。もう一度試し、繰り返す場合は管理者に番号 {request} を伝えてください。",
    token_invalid:
      "Microsoft による本人確認が受け入れられませんでした。管理者に番号 {request} を伝えてください。",
    unreachable: "現在 Microsoft 365 に接続できません。数分後にもう一度試してください。",
    not_configured: "接続の設定が完了していません。管理者に番号 {request} を伝えてください。",
  },
  ar: {
    title_yes: "تم الاتصال",
    title_no: "لم يتم الاتصال",
    back: "العودة إلى Mattermost",
    again: "إعادة المحاولة",
    connected: "تم توصيل حسابك في Microsoft 365. يمكنك إغلاق هذه الصفحة.",
    bot_connected: "تم توصيل حساب الروبوت. يمكنك إغلاق هذه الصفحة.",
    bot_exists: "يوجد حساب روبوت آخر متصل بالفعل. افصله أولًا بالأمر \u200e/msteams disconnect-bot\u200e.",
    account_is_bot: "حساب Microsoft هذا هو حساب الروبوت لهذا الخادم. اختر حسابك أنت.",
    admins_only: "يمكن لمسؤولي النظام فقط توصيل حساب الروبوت.",
    already_connected: "حسابك في Microsoft 365 متصل بالفعل. لتوصيل حساب آخر، افصله أولًا.",
    state:
      "انتهت هذه المحاولة: استُخدم الرابط أو مضى عليه أكثر من عشر دقائق أو يخص جلسة أخرى. ابدأ من جديد من Mattermost.",
    cancelled: "لم توافق لدى Microsoft، لذلك لم يتم توصيل شيء.",
    needs_admin: "يجب أن تسمح مؤسستك بذلك أولًا. اطلب من مسؤول Microsoft 365 منح موافقة المسؤول.",
    policy: "منعت سياسة في مؤسستك تسجيل الدخول. حاول من جهاز مُدار أو اسأل مسؤول Microsoft 365.",
    other_tenant: "حساب Microsoft هذا يخص مؤسسة أخرى. اختر حسابك في هذه المؤسسة.",
    microsoft_guest: "حساب Microsoft هذا ضيف في مؤسستك. لا يمكن توصيل الضيوف.",
    other_address:
      "عنوان حساب Microsoft هو {there} وعنوان حسابك في Mattermost هو {here}. يجب أن يكونا متطابقين.",
    account_taken: "حساب Microsoft هذا يخص حساب Mattermost \u200e@{holder}. افصله هناك أولًا.",
    holder_left: "حساب Microsoft هذا يخص حسابًا معطّلًا في Mattermost. اطلب من المسؤول فصله.",
    holder_gone: "حساب Microsoft هذا يخص حسابًا في Mattermost لم يعد موجودًا. اطلب من المسؤول فصله.",
    linked_elsewhere: "حسابك في Mattermost يخص حساب Microsoft آخر. اختر ذلك الحساب أو اطلب من المسؤول فصله.",
    no_offline: "لم تمنح Microsoft وصولًا دائمًا. اطلب من المسؤول السماح بالإذن offline_access.",
    bot: "لا يمكن لحسابات الروبوت توصيل حساب Microsoft 365.",
    guest: "لا يمكن للضيوف توصيل حساب Microsoft 365.",
    inactive: "حسابك في Mattermost معطّل.",
    not_listed: "يمكن للأشخاص المدعوين فقط توصيل حساب Microsoft 365. اسأل المسؤول.",
    no_seat: "لا يمكن توصيل المزيد من الحسابات. اسأل المسؤول.",
    refused: "رفضت Microsoft الطلب. حاول مرة أخرى، وإذا تكرر ذلك فأخبر المسؤول بالرقم {request}.",
    token_invalid: "لم يُقبل تأكيد Microsoft لهويتك. أخبر المسؤول بالرقم {request}.",
    unreachable: "تعذّر الوصول إلى Microsoft 365 حاليًا. حاول مرة أخرى بعد بضع دقائق.",
    not_configured: "لم يكتمل إعداد الاتصال. أخبر المسؤول بالرقم {request}.",
  },
});
